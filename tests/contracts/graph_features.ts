import type { GraphEngine } from "../../domain/ports/graph_engine.ts";

/** Where a graph is kept, empty at first, and removed when it is closed. */
export interface GraphPlace extends AsyncDisposable {
  /** The one folder that the engine may read, where system records lie too; none if it needs no files. */
  readonly directory?: string;
  /** Opens the graph kept in this place; called again only after the engine before is closed. */
  open(): Promise<GraphEngine>;
}

/** Whether an engine does a thing, or what it does instead and why. The test then holds it to that. */
export type Feature<Instead extends string> =
  | true
  | { readonly instead: Instead; readonly reason: string };

/** What a graph engine may do one way or the other; the reason for another way stands in the test's name. */
export interface GraphFeatures {
  /** Reads openCypher at large; else what it does not know is refused so. */
  readonly cypher: Feature<"query_invalid">;
  /**
   * A FLOAT without a fraction stays one; else that holds in export and in answered nodes and relationships,
   * and it is an INTEGER where an expression names the property or the parameter, up to 2^53.
   */
  readonly wholeFloats: Feature<"INTEGER in expressions">;
  /** Parameters that are maps with one key, which begins with `$`; else refused. */
  readonly dollarMaps: Feature<"query_invalid" | "validation_failed">;
  /** Dates, times and durations in answers are values of their own; else ISO 8601 strings, or refused. */
  readonly temporal: Feature<"text" | "query_invalid">;
  /** Points in answers; else refused. */
  readonly spatial: Feature<"query_invalid">;
  /** The service's label is hidden from expressions too (`size(labels(n))`); else only from answers. */
  readonly labelsInExpressions: Feature<"shown">;
  /** Strings with U+0000; else refused. */
  readonly nul: Feature<"validation_failed">;
  /** Strings that are no Unicode text; else refused. */
  readonly loneSurrogates: Feature<"validation_failed">;
  /** Says line and column of what is wrong in a statement; else both are `null`. */
  readonly position: Feature<"null">;
  /** A statement sees each batch whole or not at all; else, beside one that is being written, parts of it. */
  readonly snapshots: Feature<"parts while it is written">;
  /** The graph outlives the engine; else it ends with it. */
  readonly durable: Feature<"lost">;
}

/** Holds an engine of such a place to something, after what is done `first`. */
export function testedIn(
  place: () => Promise<GraphPlace>,
  first: (engine: GraphEngine) => Promise<unknown> = () => Promise.resolve(),
): (check: (engine: GraphEngine) => Promise<void>) => Promise<void> {
  return async (check) => {
    await using kept = await place();
    await using engine = await kept.open();
    await first(engine);
    await check(engine);
  };
}

/** For a test's name: nothing, or what is done instead and why. */
export function standing(feature: Feature<string>): string {
  return feature === true ? "" : ` (${feature.instead}: ${feature.reason})`;
}
