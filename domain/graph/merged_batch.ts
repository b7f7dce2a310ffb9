import type { NodeUpsert, PropertyChanges, RelationshipUpsert } from "./batch.ts";

/** A node of a batch with all that the batch says of it. */
export interface MergedNode {
  readonly key: string;
  readonly labels: ReadonlySet<string>;
  readonly properties: ReadonlyMap<string, PropertyChanges[string]>;
}

/** A relationship of a batch, likewise. */
export interface MergedRelationship {
  readonly start: string;
  readonly end: string;
  readonly type: string;
  readonly properties: ReadonlyMap<string, PropertyChanges[string]>;
}

/** The nodes of a batch, each once: later ones add to earlier ones, a removal included. */
export function mergedNodes(nodes: readonly NodeUpsert[]): MergedNode[] {
  const merged = new Map<string, {
    readonly key: string;
    readonly labels: Set<string>;
    readonly properties: Map<string, PropertyChanges[string]>;
  }>();
  for (const { key, labels, properties } of nodes) {
    const node = merged.get(key) ?? { key, labels: new Set(), properties: new Map() };
    merged.set(key, node);
    for (const label of labels) node.labels.add(label);
    addAll(properties, node.properties);
  }
  return [...merged.values()];
}

/** The relationships of a batch, likewise. */
export function mergedRelationships(all: readonly RelationshipUpsert[]): MergedRelationship[] {
  const merged = new Map<
    string,
    MergedRelationship & { readonly properties: Map<string, PropertyChanges[string]> }
  >();
  for (const { start, end, type, properties } of all) {
    const identity = JSON.stringify([start, end, type]);
    const one = merged.get(identity) ?? { start, end, type, properties: new Map() };
    merged.set(identity, one);
    addAll(properties, one.properties);
  }
  return [...merged.values()];
}

function addAll(changes: PropertyChanges, merged: Map<string, PropertyChanges[string]>): void {
  for (const [name, value] of Object.entries(changes)) merged.set(name, value);
}
