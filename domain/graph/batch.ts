import type { GraphMetrics } from "./metrics.ts";
import type { PropertyValue } from "./value.ts";

/** Properties to be merged: a `null` removes the one of its name. */
export type PropertyChanges = Readonly<Record<string, PropertyValue | null>>;

/** A node to be made or added to, known by its key. */
export interface NodeUpsert {
  readonly key: string;
  /** Added to those that the node has. */
  readonly labels: readonly string[];
  readonly properties: PropertyChanges;
}

/** A relationship to be made or added to: there is one for each start, type and end. */
export interface RelationshipUpsert {
  readonly start: string;
  readonly end: string;
  readonly type: string;
  readonly properties: PropertyChanges;
}

/** What is written together, nodes before relationships, in order: later ones add to earlier ones. */
export interface GraphBatch {
  readonly nodes: readonly NodeUpsert[];
  readonly relationships: readonly RelationshipUpsert[];
}

/** How many of a kind a batch has made and how many it has found; each counts once a batch. */
export interface UpsertCount {
  readonly created: number;
  readonly updated: number;
}

/** What an upsert has done. */
export interface UpsertCounts {
  readonly nodes: UpsertCount;
  readonly relationships: UpsertCount;
}

/** What an upsert has done, and how much there is after it, or a little later. */
export interface WrittenBatch {
  readonly counts: UpsertCounts;
  readonly metrics: GraphMetrics;
}

/** A relationship by its ends and type. */
export interface RelationshipIdentity {
  readonly start: string;
  readonly end: string;
  readonly type: string;
}

/** What is to be deleted; what is not there is passed over. */
export interface GraphDeletion {
  readonly nodes: readonly string[];
  readonly relationships: readonly RelationshipIdentity[];
  /** Whether the relationships of the nodes go too; without it, a node that has any fails the whole deletion. */
  readonly detach: boolean;
}

/** How many went; relationships that went with their node are counted too. */
export interface DeletionCounts {
  readonly nodes: number;
  readonly relationships: number;
}

/** A line of an export. All nodes come before all relationships. */
export type GraphEntry =
  | ({ readonly kind: "node" } & NodeUpsert)
  | ({ readonly kind: "relationship" } & RelationshipUpsert);
