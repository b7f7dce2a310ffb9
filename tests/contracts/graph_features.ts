/** Whether an engine does a thing, or why it does not. */
export type Feature = true | string;

/**
 * What a graph engine may do one way or the other. A reason in the place of `true` is shown in the test's
 * name, and the test then holds that the thing is refused, as its comment here says, and not half done.
 */
export interface GraphFeatures {
  /** Reading clauses of openCypher at large; without it, statements that are not known are `query_invalid`. */
  readonly cypher: Feature;
  /** Dates, times and durations in answers; else `query_invalid`. */
  readonly temporal: Feature;
  /** Points in answers; else `query_invalid`. */
  readonly spatial: Feature;
  /** The service's label is hidden from expressions over labels (`size(labels(n))`) too; else only from answers. */
  readonly labelsInExpressions: Feature;
  /** Strings with U+0000; else `validation_failed`. */
  readonly nul: Feature;
  /** Strings that are no Unicode text; else `validation_failed`. */
  readonly loneSurrogates: Feature;
  /** Line and column of what is wrong in a statement; else both are `null`. */
  readonly position: Feature;
}
