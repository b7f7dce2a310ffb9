import { DomainError } from "../../domain/errors.ts";
import type {
  DeletionCounts,
  GraphBatch,
  GraphDeletion,
  NodeUpsert,
  PropertyChanges,
  RelationshipIdentity,
  RelationshipUpsert,
  UpsertCount,
  UpsertCounts,
} from "../../domain/graph/batch.ts";
import type { PropertyValue } from "../../domain/graph/value.ts";

/** A node as it is kept: replaced when it changes, never changed itself. */
export interface KeptNode extends NodeUpsert {
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** A relationship as it is kept, likewise. */
export interface KeptRelationship extends RelationshipUpsert {
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** A graph at one moment: its maps are replaced and never changed. */
export interface KeptGraph {
  readonly nodes: ReadonlyMap<string, KeptNode>;
  readonly relationships: ReadonlyMap<string, KeptRelationship>;
}

/** Nodes and relationships in maps, with the meaning of `GraphWriter`'s two methods. */
export class GraphMaps implements KeptGraph {
  nodes: ReadonlyMap<string, KeptNode> = new Map();
  relationships: ReadonlyMap<string, KeptRelationship> = new Map();
  #writes = 0;

  /** Moves with each write that is not refused. */
  get generation(): string {
    return String(this.#writes);
  }

  /** @throws {DomainError} `missing_endpoints`, or `validation_failed` for the service's own label. */
  upsert(batch: GraphBatch): UpsertCounts {
    if (batch.nodes.some(({ labels }) => labels.includes("GraphNode"))) throw reserved();
    const nodes = new Map(this.nodes);
    for (const node of batch.nodes) nodes.set(node.key, mergedNode(nodes.get(node.key), node));
    const ends = batch.relationships.flatMap(({ start, end }) => [start, end]);
    const missing = new Set(ends.filter((key) => !nodes.has(key)));
    if (missing.size > 0) {
      throw new DomainError({ code: "missing_endpoints", keys: [...missing] });
    }
    const relationships = new Map(this.relationships);
    for (const relationship of batch.relationships) {
      const identity = identityOf(relationship);
      const kept = relationships.get(identity);
      relationships.set(identity, mergedRelationship(kept, relationship));
    }
    const counts = {
      nodes: countsOf(this.nodes, batch.nodes.map(({ key }) => key)),
      relationships: countsOf(this.relationships, batch.relationships.map(identityOf)),
    };
    this.#commit(nodes, relationships);
    return counts;
  }

  /** @throws {DomainError} `graph_conflict`; nothing is deleted then. */
  delete({ nodes: keys, relationships: named, detach }: GraphDeletion): DeletionCounts {
    const relationships = new Map(this.relationships);
    for (const identity of named) relationships.delete(identityOf(identity));
    const going = new Set(keys.filter((key) => this.nodes.has(key)));
    for (const [identity, { start, end }] of relationships) {
      if (!going.has(start) && !going.has(end)) continue;
      const key = going.has(start) ? start : end;
      if (!detach) throw conflict(key);
      relationships.delete(identity);
    }
    const counts = {
      nodes: going.size,
      relationships: this.relationships.size - relationships.size,
    };
    this.#commit(new Map([...this.nodes].filter(([key]) => !going.has(key))), relationships);
    return counts;
  }

  #commit(
    nodes: ReadonlyMap<string, KeptNode>,
    relationships: ReadonlyMap<string, KeptRelationship>,
  ): void {
    this.nodes = nodes;
    this.relationships = relationships;
    this.#writes++;
  }
}

function reserved(): DomainError {
  const fault = { pointer: "/nodes", expected: "labels of your own", found: "'GraphNode'" };
  return new DomainError({ code: "validation_failed", errors: [fault] });
}

function conflict(key: string): DomainError {
  return new DomainError({
    code: "graph_conflict",
    reason: `the node '${key}' has relationships, and 'detach' is not set`,
  });
}

function identityOf({ start, type, end }: RelationshipIdentity): string {
  return JSON.stringify([start, type, end]);
}

function mergedNode(kept: KeptNode | undefined, { key, labels, properties }: NodeUpsert): KeptNode {
  return {
    key,
    labels: [...new Set([...(kept?.labels ?? []), ...labels])],
    properties: merged(kept?.properties, properties),
  };
}

function mergedRelationship(
  kept: KeptRelationship | undefined,
  { start, end, type, properties }: RelationshipUpsert,
): KeptRelationship {
  return { start, end, type, properties: merged(kept?.properties, properties) };
}

/** `Object.fromEntries` also where a name is `__proto__`: an assignment would be lost. */
function merged(
  kept: Readonly<Record<string, PropertyValue>> | undefined,
  changes: PropertyChanges,
): Record<string, PropertyValue> {
  const properties = new Map(Object.entries(kept ?? {}));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) properties.delete(name);
    else properties.set(name, Array.isArray(value) ? [...value] : value);
  }
  return Object.fromEntries(properties);
}

function countsOf(before: ReadonlyMap<string, unknown>, written: readonly string[]): UpsertCount {
  const distinct = [...new Set(written)];
  const updated = distinct.filter((name) => before.has(name)).length;
  return { created: distinct.length - updated, updated };
}
