import type grafeo from "@grafeo-db/js";
import { AnswerSize } from "../../../domain/graph/answer_bounds.ts";
import { ensureShallow } from "../../../domain/graph/answer_depth.ts";
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
import { markLookalikes } from "./lookalikes.ts";
import {
  integerAt,
  isUnclearNumber,
  ITEMS,
  keyStep,
  type Kinds,
  kindsIn,
  type Probe,
  probesFor,
  within,
} from "./number_kinds.ts";
import { KEY, type Run } from "./store.ts";

const UNKNOWN: ArrowType = { kind: "other" };
const TEMPORAL = /^(-?\d{4,}-\d\d-\d\d|\d\d:\d\d|-?P)/;

/** Where a value stands: what the schema says of its place, and what the engine was asked about it. */
interface Place {
  readonly type: ArrowType;
  readonly kinds: Kinds;
}

/** How rows are asked for once more, and whether maps among them may look like entities. */
interface Asking {
  again(probes: readonly Probe[]): Promise<grafeo.QueryResult>;
  readonly lookalikes: boolean;
}

/**
 * A bounded statement's rows with the types that the engine's own rows have lost: whether a number without
 * a fraction is INTEGER or FLOAT, and whether a text is a time. Both stand in the schema that the engine
 * gives with its columns, unless a place holds now this and now that: then the numbers are asked about
 * with the rows once more. Those in nodes and relationships are asked about by themselves.
 *
 * @throws {DomainError} `query_invalid` for more than an answer may hold.
 */
export async function typedRows(
  run: Run,
  result: grafeo.QueryResult,
  { again, lookalikes }: Asking,
): Promise<GraphValue[][]> {
  const rowsOf = async (given: grafeo.QueryResult) => {
    const found = given.rows() as unknown[][];
    ensureShallow(found);
    const size = new AnswerSize();
    for (const row of found) size.addRow(given.columns, row);
    if (lookalikes) await markLookalikes(run, found);
    return found;
  };
  let rows = await rowsOf(result);
  const { length } = result.columns;
  const columns = rows.some((row) => row.some(isUnclear)) ? arrowColumns(result.toArrowIPC()) : [];
  const probes = probesFor(rows, result.columns, columns);
  if (probes.length > 0) {
    const second = await again(probes).catch(() => null);
    if (second !== null) rows = await rowsOf(second);
  }
  const entities = new Entities();
  for (const row of rows) for (const value of row.slice(0, length)) entities.collect(value);
  await entities.look(run);
  return rows.map((row) =>
    row.slice(0, length).map((value, at) => {
      const kinds = kindsIn(row.slice(length), probes, at);
      return typed(value, { type: columns[at] ?? UNKNOWN, kinds }, entities);
    })
  );
}

/** Whether the value itself does not tell its type. */
function isUnclear(value: unknown): boolean {
  if (typeof value === "string") return TEMPORAL.test(value);
  if (typeof value !== "object" || value === null) return isUnclearNumber(value);
  return Object.values(value).some(isUnclear);
}

function typed(value: unknown, place: Place, entities: Entities): GraphValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "boolean":
    case "bigint":
      return value;
    case "string":
      return place.type.kind === "temporal" ? { kind: "temporal", iso: value } : value;
    case "number": {
      if (!isUnclearNumber(value)) return value;
      const integer = integerAt(place.kinds) ?? place.type.kind !== "float";
      return integer ? BigInt(value) : value;
    }
    default:
      return typedObject(value as object, place, entities);
  }
}

function typedObject(value: object, { type, kinds }: Place, entities: Entities): GraphValue {
  if (Array.isArray(value)) {
    const item = type.item ?? UNKNOWN;
    return value.map((inner, at) =>
      typed(inner, { type: item, kinds: within(kinds, ITEMS, at) }, entities)
    );
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
  const entries = Object.entries(value).map(([name, inner]) => {
    const place = { type: type.fields?.get(name) ?? UNKNOWN, kinds: within(kinds, keyStep(name)) };
    return [name, typed(inner, place, entities)];
  });
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
