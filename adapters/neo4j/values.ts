import neo4j, { type Node, type Path, type Relationship } from "neo4j-driver";
import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import type {
  GraphNode,
  GraphPath,
  GraphRelationship,
  GraphValue,
  ParameterValue,
} from "../../domain/graph/value.ts";
import { ensureInteger, ensureWellFormed } from "./text.ts";

/** An entity's id in the database. */
type Id = string;

/**
 * Holds parameters against what the database can keep.
 *
 * @throws {DomainError} `validation_failed`.
 */
export function ensureParameters(parameters: Readonly<Record<string, ParameterValue>>): void {
  ensurePassable(parameters, "/parameters");
}

function ensurePassable(value: ParameterValue, place: string): void {
  if (typeof value === "string") ensureWellFormed(value, place);
  if (typeof value === "bigint") ensureInteger(value, place);
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value)) {
    ensureWellFormed(key, place);
    ensurePassable(inner, `${place}/${key}`);
  }
}

/** The keys of nodes by their ids: of those that stand in an answer, and of ends that were asked for. */
export class NodeKeys {
  readonly #keys = new Map<Id, string>();
  readonly #missing = new Set<Id>();

  /** Takes note of what stands in a value. */
  collect(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    if (neo4j.isNode(value)) this.#known(value);
    else if (neo4j.isRelationship(value)) this.#ends(value);
    else if (neo4j.isPath(value)) {
      for (const { start, end } of value.segments) {
        [start, end].forEach((node) => this.#known(node));
      }
    } else if (Array.isArray(value)) value.forEach((item) => this.collect(item));
    else if (isMap(value)) Object.values(value).forEach((inner) => this.collect(inner));
  }

  /** Ends of relationships whose keys have not been seen. */
  get missing(): readonly Id[] {
    return [...this.#missing].filter((id) => !this.#keys.has(id));
  }

  add(id: Id, key: string): void {
    this.#keys.set(id, key);
  }

  /** A node's key, or its id where it has none. */
  of(id: Id): string {
    return this.#keys.get(id) ?? id;
  }

  #known(node: Node): void {
    this.#keys.set(node.elementId, keyOf(node) ?? node.elementId);
  }

  #ends({ startNodeElementId, endNodeElementId }: Relationship): void {
    this.#missing.add(startNodeElementId).add(endNodeElementId);
  }
}

/** A value of the driver's as the domain has it. */
export function graphValue(value: unknown, keys: NodeKeys): GraphValue {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
    case "number":
      return value;
    default:
      return value === null || value === undefined ? null : wholeValue(value as object, keys);
  }
}

function wholeValue(value: object, keys: NodeKeys): GraphValue {
  if (Array.isArray(value)) return value.map((item) => graphValue(item, keys));
  if (neo4j.isNode(value)) return nodeValue(value, keys);
  if (neo4j.isRelationship(value)) {
    const { startNodeElementId, endNodeElementId } = value;
    return relationshipValue(value, [startNodeElementId, endNodeElementId], keys);
  }
  if (neo4j.isPath(value)) return pathValue(value, keys);
  if (neo4j.isPoint(value)) {
    const { srid, x, y, z } = value;
    return { kind: "point", srid: Number(srid), coordinates: z === undefined ? [x, y] : [x, y, z] };
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Int8Array, BigInt);
  if (!isMap(value)) return { kind: "temporal", iso: String(value) };
  return { kind: "map", entries: entriesOf(value, keys) };
}

/** What the language makes of `{…}`; all else that the driver gives has a class. */
function isMap(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function entriesOf(
  properties: Readonly<Record<string, unknown>>,
  keys: NodeKeys,
): Record<string, GraphValue> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, graphValue(value, keys)]),
  );
}

/** The key of a node that is the service's; another's property of that name is its own affair. */
function keyOf({ labels, properties }: Node): string | null {
  const key: unknown = properties[KEY_PROPERTY];
  return labels.includes(INTERNAL_LABEL) && typeof key === "string" ? key : null;
}

function nodeValue(node: Node, keys: NodeKeys): GraphNode {
  const key = keyOf(node);
  const { [KEY_PROPERTY]: _, ...others } = node.properties;
  return {
    kind: "node",
    key,
    id: node.elementId,
    labels: node.labels.filter((label) => label !== INTERNAL_LABEL),
    properties: entriesOf(key === null ? node.properties : others, keys),
  };
}

function relationshipValue(
  { type, properties }: Pick<Relationship, "type" | "properties">,
  [start, end]: readonly [Id, Id],
  keys: NodeKeys,
): GraphRelationship {
  return {
    kind: "relationship",
    type,
    start: keys.of(start),
    end: keys.of(end),
    properties: entriesOf(properties, keys),
  };
}

function pathValue({ start, segments }: Path, keys: NodeKeys): GraphPath {
  return {
    kind: "path",
    nodes: [start, ...segments.map(({ end }) => end)].map((node) => nodeValue(node, keys)),
    relationships: segments.map(({ relationship }) => {
      const { startNodeElementId, endNodeElementId } = relationship;
      return relationshipValue(relationship, [startNodeElementId, endNodeElementId], keys);
    }),
  };
}
