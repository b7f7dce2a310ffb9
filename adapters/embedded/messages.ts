import type {
  DeletionCounts,
  GraphBatch,
  GraphDeletion,
  WrittenBatch,
} from "../../domain/graph/batch.ts";
import type { GraphEntry } from "../../domain/graph/batch.ts";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import type { Failure } from "../../domain/errors.ts";

/** A place in an export: the next id to look at, of the kind, and the last ones there were at its start. */
export interface EntriesCursor {
  readonly kind: "node" | "relationship";
  readonly next: number;
  readonly lastNode: number;
  readonly lastRelationship: number;
}

/** Some lines of an export, and where to go on; `null` at the end. */
export interface EntriesPage {
  readonly entries: readonly GraphEntry[];
  readonly cursor: EntriesCursor | null;
}

/** What the child can be asked, and what it answers with. */
export interface Conversations {
  readonly ping: { readonly question: null; readonly answer: null };
  readonly upsert: { readonly question: GraphBatch; readonly answer: WrittenBatch };
  readonly delete: { readonly question: GraphDeletion; readonly answer: DeletionCounts };
  readonly query: { readonly question: GraphQuery; readonly answer: GraphAnswer };
  readonly metrics: { readonly question: null; readonly answer: GraphMetrics };
  readonly entries: { readonly question: EntriesCursor | null; readonly answer: EntriesPage };
}

export type Topic = keyof Conversations;

/** One question, as it goes over the pipe. */
export type Question = {
  readonly [T in Topic]: {
    readonly id: number;
    readonly topic: T;
    readonly question: Conversations[T]["question"];
  };
}[Topic];

/** One answer, as it comes back, with the graph's generation at that time. */
export type Reply =
  | { readonly id: number; readonly answer: unknown; readonly generation: string }
  | { readonly id: number; readonly failure: Failure; readonly generation: string };

/** The id of the first reply: the engine is open, or `failure` says why it is not. */
export const HELLO_ID = 0;
