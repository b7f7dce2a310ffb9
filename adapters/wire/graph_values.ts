import type { GraphAnswer } from "../../domain/graph/query.ts";
import type {
  GraphNode,
  GraphPath,
  GraphPoint,
  GraphRelationship,
  GraphValue,
} from "../../domain/graph/value.ts";
import { floatJson, integerJson, type WireValue } from "./raw_json.ts";

/** The rows of an answer as they cross the wire, each by its columns. */
export function* wireRows({ columns, rows }: GraphAnswer): Generator<Record<string, WireValue>> {
  for (const row of rows) {
    // Through entries, so that a column called `__proto__` stays one.
    yield Object.fromEntries(columns.map((name, at) => [name, wireValue(row[at] ?? null)]));
  }
}

/** A value as it crosses the wire. */
export function wireValue(value: GraphValue): WireValue {
  if (typeof value === "bigint") return integerJson(value);
  if (typeof value === "number") return floatJson(value);
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(wireValue);
  switch (value.kind) {
    case "node":
      return wireNode(value);
    case "relationship":
      return wireRelationship(value);
    case "path":
      return wirePath(value);
    case "temporal":
      return value.iso;
    case "point":
      return wirePoint(value);
    case "map":
      return wireMap(value.entries);
  }
}

function isList(value: object): value is readonly GraphValue[] {
  return Array.isArray(value);
}

function wireNode({ key, id, labels, properties }: GraphNode): WireValue {
  const known = key === null ? { id } : { key };
  return { _type: "node", ...known, labels: [...labels], properties: wireMap(properties) };
}

function wireRelationship({ type, start, end, properties }: GraphRelationship): WireValue {
  return { _type: "relationship", type, start, end, properties: wireMap(properties) };
}

function wirePath({ nodes, relationships }: GraphPath): WireValue {
  return {
    _type: "path",
    nodes: nodes.map(wireNode),
    relationships: relationships.map(wireRelationship),
  };
}

/** GeoJSON, and which plane or globe the coordinates are of. */
function wirePoint({ srid, coordinates }: GraphPoint): WireValue {
  return { type: "Point", coordinates: coordinates.map(floatJson), srid };
}

function wireMap(entries: Readonly<Record<string, GraphValue>>): Record<string, WireValue> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [name, wireValue(value)]),
  );
}
