import type {
  GraphNode,
  GraphPoint,
  GraphRelationship,
  GraphValue,
} from "../../domain/graph/value.ts";
import { floatJson, integerJson, type WireValue } from "./raw_json.ts";

/** What stands for a text in the answer: itself, or the mark of one that is put in later. */
type Held = (text: string) => string;

/** A row of an answer as it crosses the wire, by its columns. */
export function wireRow(
  columns: readonly string[],
  row: readonly GraphValue[],
  hold: Held = (text) => text,
): Record<string, WireValue> {
  // Through entries, so that a column called `__proto__` stays one.
  return Object.fromEntries(columns.map((name, at) => [name, wireValue(row[at] ?? null, hold)]));
}

function wireValue(value: GraphValue, hold: Held): WireValue {
  if (typeof value === "bigint") return integerJson(value);
  if (typeof value === "number") return floatJson(value);
  if (typeof value === "string") return hold(value);
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => wireValue(item, hold));
  switch (value.kind) {
    case "node":
      return wireNode(value, hold);
    case "relationship":
      return wireRelationship(value, hold);
    case "path":
      return {
        _type: "path",
        nodes: value.nodes.map((node) => wireNode(node, hold)),
        relationships: value.relationships.map((each) => wireRelationship(each, hold)),
      };
    case "temporal":
      return value.iso;
    case "point":
      return wirePoint(value);
    case "map":
      return wireMap(value.entries, hold);
  }
}

function isList(value: object): value is readonly GraphValue[] {
  return Array.isArray(value);
}

function wireNode({ key, id, labels, properties }: GraphNode, hold: Held): WireValue {
  const known = key === null ? { id } : { key };
  return { _type: "node", ...known, labels: [...labels], properties: wireMap(properties, hold) };
}

function wireRelationship(
  { type, start, end, properties }: GraphRelationship,
  hold: Held,
): WireValue {
  return { _type: "relationship", type, start, end, properties: wireMap(properties, hold) };
}

/** GeoJSON, and which plane or globe the coordinates are of. */
function wirePoint({ srid, coordinates }: GraphPoint): WireValue {
  return { type: "Point", coordinates: coordinates.map(floatJson), srid };
}

function wireMap(
  entries: Readonly<Record<string, GraphValue>>,
  hold: Held,
): Record<string, WireValue> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, value]) => [name, wireValue(value, hold)]),
  );
}
