import type { GraphDeletion } from "./batch.ts";

/** A node as a caller sent it: its shape is checked, what stands in it is not. */
export interface NodeDraft {
  readonly key: string;
  readonly labels: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A relationship as a caller sent it, likewise. */
export interface RelationshipDraft {
  readonly start: string;
  readonly end: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a caller asks to be written together. */
export interface BatchDraft {
  readonly nodes: readonly NodeDraft[];
  readonly relationships: readonly RelationshipDraft[];
}

/** A line of a file to be imported. */
export type EntryDraft =
  | ({ readonly kind: "node" } & NodeDraft)
  | ({ readonly kind: "relationship" } & RelationshipDraft);

/** A statement as a caller sent it. */
export interface QueryDraft {
  readonly statement: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly limit: number;
  readonly timeoutSeconds: number;
}

/** What a caller asks to be deleted: the keys and types are not checked. */
export type DeletionDraft = GraphDeletion;

/** Nodes, and relationships, of one request at most. */
export const MAX_ITEMS = 10_000;
