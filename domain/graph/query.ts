import type { GraphValue, ParameterValue } from "./value.ts";

/** A reading statement with its bounds. */
export interface GraphQuery {
  /** Cypher, as the caller wrote it. */
  readonly statement: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Rows in the answer at most, 1 to 10,000. */
  readonly limit: number;
  /** Time for the statement alone, 0.1 to 30. */
  readonly timeoutSeconds: number;
  /** Who asks, so that one caller's statements leave room for others'; no part of what is asked. */
  readonly caller?: string;
}

/** What a reading statement has found. */
export interface GraphAnswer {
  readonly columns: readonly string[];
  /** A row a line of the result, in the order of the columns. */
  readonly rows: readonly (readonly GraphValue[])[];
  /** Whether there were more rows than the limit. */
  readonly truncated: boolean;
  /** Whether its plan shows that the same statement gives the same answer as long as nothing is written. */
  readonly repeatable: boolean;
  /** The generation of the graph that was read, or an earlier one. */
  readonly generation: string;
  /** Set where the answer was kept from an earlier call. */
  readonly cached?: true;
}
