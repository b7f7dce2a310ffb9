import type grafeo from "@grafeo-db/js";
import type {
  GraphNode,
  GraphPath,
  GraphRelationship,
  GraphValue,
} from "../../../domain/graph/value.ts";
import { arrowColumns, type ArrowType } from "./arrow_schema.ts";
import {
  type EngineNode,
  type EngineRelationship,
  Entities,
  isEngineNode,
  isEnginePath,
  isEngineRelationship,
} from "./entities.ts";
import { KEY, type Run } from "./store.ts";

const UNKNOWN: ArrowType = { kind: "other" };
const TEMPORAL = /^(-?\d{4,}-\d\d-\d\d|\d\d:\d\d|-?P)/;

/**
 * A result's rows with the types that the engine's own rows have lost: whether a number without a
 * fraction is INTEGER or FLOAT, and whether a text is a time. Both stand in the schema that the engine
 * gives with its columns; those of nodes' and relationships' properties are asked for.
 */
export async function typedRows(run: Run, result: grafeo.QueryResult): Promise<GraphValue[][]> {
  const rows = result.rows() as unknown[][];
  const columns = rows.some((row) => row.some(isUnclear)) ? arrowColumns(result.toArrowIPC()) : [];
  const entities = new Entities();
  for (const row of rows) for (const value of row) entities.collect(value);
  await entities.look(run);
  return rows.map((row) => row.map((value, at) => typed(value, columns[at] ?? UNKNOWN, entities)));
}

/** Whether the value itself does not tell its type. */
function isUnclear(value: unknown): boolean {
  if (typeof value === "string") return TEMPORAL.test(value);
  if (typeof value !== "object" || value === null) return Number.isInteger(value);
  return Object.values(value).some(isUnclear);
}

function typed(value: unknown, type: ArrowType, entities: Entities): GraphValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return value;
    case "string":
      return type.kind === "temporal" ? { kind: "temporal", iso: value } : value;
    case "number":
      return type.kind === "float" || !isSmallInteger(value) ? value : BigInt(value);
    default:
      return typedObject(value as object, type, entities);
  }
}

/** From 2^53 on the engine gives INTEGER as bigint, so that a number there is FLOAT; so is -0. */
function isSmallInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function typedObject(value: object, type: ArrowType, entities: Entities): GraphValue {
  if (Array.isArray(value)) {
    return value.map((item) => typed(item, type.item ?? type, entities));
  }
  // The engine keeps microseconds here, of which this shows the thousands.
  if (value instanceof Date) {
    return { kind: "temporal", iso: value.toISOString().replace(/(\.000)?Z$/, "") };
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, Number);
  if (isEngineNode(value)) return nodeOf(value, entities);
  if (isEngineRelationship(value)) return relationshipOf(value, entities);
  // A map would be a struct in the schema; a path is text there.
  if (isEnginePath(value) && type.kind !== "struct") return pathOf(value, entities);
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    typed(inner, type.fields?.get(name) ?? (type.fields ? UNKNOWN : type), entities),
  ]);
  return { kind: "map", entries: Object.fromEntries(entries) };
}

function nodeOf({ _id, _labels, ...properties }: EngineNode, entities: Entities): GraphNode {
  const typedProperties = entities.nodeProperties(_id, properties);
  const { [KEY]: key = null, ...rest } = typedProperties;
  return {
    kind: "node",
    key: typeof key === "string" ? key : null,
    id: String(_id),
    labels: _labels,
    properties: rest,
  };
}

function relationshipOf(
  { _id, _type, _source, _target, ...properties }: EngineRelationship,
  entities: Entities,
): GraphRelationship {
  return {
    kind: "relationship",
    type: _type,
    start: entities.keyOf(_source),
    end: entities.keyOf(_target),
    properties: entities.relationshipProperties(_id, properties),
  };
}

function pathOf(
  { nodes, edges }: { nodes: readonly EngineNode[]; edges: readonly EngineRelationship[] },
  entities: Entities,
): GraphPath {
  return {
    kind: "path",
    nodes: nodes.map((node) => nodeOf(node, entities)),
    relationships: edges.map((edge) => relationshipOf(edge, entities)),
  };
}
