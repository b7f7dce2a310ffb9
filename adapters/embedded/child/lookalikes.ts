import { isDeepStrictEqual } from "node:util";
import type { ParameterValue } from "../../../domain/graph/value.ts";
import {
  type EngineNode,
  type EngineRelationship,
  isEngineNode,
  isEngineRelationship,
  PlainMap,
} from "./entities.ts";
import { inBatches } from "./node_ids.ts";
import type { Run } from "./store.ts";

/** Whether a statement may make a map that looks like an entity: it has to name what tells an entity. */
export function mayHaveLookalikes(
  statement: string,
  parameters: Readonly<Record<string, ParameterValue>>,
): boolean {
  return /\b_id\b|\\u/.test(statement) || hasKey(Object.values(parameters));
}

function hasKey(value: ParameterValue): boolean {
  if (value === null || typeof value !== "object") return false;
  return Object.hasOwn(value, "_id") || Object.values(value).some(hasKey);
}

/** Marks as maps what only looks like a node or a relationship: it differs from what is there. */
export async function markLookalikes(run: Run, rows: readonly unknown[]): Promise<void> {
  const nodes: EngineNode[] = [];
  const relationships: EngineRelationship[] = [];
  const collect = (value: unknown) => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    if (isEngineNode(value)) nodes.push(value);
    else if (isEngineRelationship(value)) relationships.push(value);
    for (const inner of Object.values(value)) collect(inner);
  };
  collect(rows);
  for (const some of inBatches(nodes)) {
    const ids = some.map(({ _id }) => _id);
    const found = await run("MATCH (x) WHERE id(x) IN $ids RETURN x", { ids });
    markOthers(some, found.rows());
  }
  for (const some of inBatches(relationships)) {
    const ids = some.map(({ _id }) => _id);
    const sources = some.map(({ _source }) => _source);
    const match = "MATCH (a)-[x]->() WHERE id(a) IN $sources AND id(x) IN $ids RETURN x";
    markOthers(some, (await run(match, { ids, sources })).rows());
  }
}

function markOthers(
  candidates: readonly (EngineNode | EngineRelationship)[],
  rows: readonly (readonly unknown[])[],
): void {
  const there = new Map(rows.map(([entity]) => [(entity as EngineNode)._id, entity]));
  for (const candidate of candidates) {
    if (isDeepStrictEqual(candidate, there.get(candidate._id))) continue;
    Object.setPrototypeOf(candidate, PlainMap.prototype);
  }
}
