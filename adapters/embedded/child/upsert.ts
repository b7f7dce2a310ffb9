import { DomainError } from "../../../domain/errors.ts";
import type {
  GraphBatch,
  PropertyChanges,
  UpsertCount,
  UpsertCounts,
} from "../../../domain/graph/batch.ts";
import {
  type MergedNode,
  mergedNodes,
  type MergedRelationship,
  mergedRelationships,
} from "../../../domain/graph/merged_batch.ts";
import { ensureWritable } from "./batch_rules.ts";
import { idsOf, inBatches } from "./node_ids.ts";
import { isIntegralFloat, type PropertyRow, setFloats, withoutFloats } from "./property_rows.ts";
import { KEY, type Run, type Store } from "./store.ts";
import { quoted } from "./quoted.ts";

/** Writes a batch in one transaction. */
export function upsert(store: Store, batch: GraphBatch): Promise<UpsertCounts> {
  return store.write(async (run) => {
    ensureWritable(batch);
    const nodes = new Map(mergedNodes(batch.nodes).map((node) => [node.key, node]));
    const relationships = mergedRelationships(batch.relationships);
    const ids = await idsOf(run, [...nodes.keys(), ...endsOf(relationships)]);
    ensureEnds(relationships, nodes, ids);
    const known = ids.size;
    const updated = [...nodes.keys()].filter((key) => ids.has(key)).length;
    await writeNodes(run, nodes, ids);
    const created = await writeRelationships(run, relationships, ids);
    const changed = nodes.size > 0 || relationships.length > 0;
    const counts = {
      nodes: { created: ids.size - known, updated },
      relationships: countOf(created, relationships.length),
    };
    return { changed, result: counts };
  });
}

function countOf(created: number, all: number): UpsertCount {
  return { created, updated: all - created };
}

function endsOf(relationships: readonly MergedRelationship[]): string[] {
  return relationships.flatMap(({ start, end }) => [start, end]);
}

function ensureEnds(
  relationships: readonly MergedRelationship[],
  nodes: ReadonlyMap<string, MergedNode>,
  ids: ReadonlyMap<string, number>,
): void {
  const missing = new Set(
    endsOf(relationships).filter((key) => !nodes.has(key) && !ids.has(key)),
  );
  if (missing.size > 0) throw new DomainError({ code: "missing_endpoints", keys: [...missing] });
}

/** A statement a set of labels; adds the ids of the nodes to `ids`. */
async function writeNodes(
  run: Run,
  nodes: ReadonlyMap<string, MergedNode>,
  ids: Map<string, number>,
): Promise<void> {
  const groups = Map.groupBy(nodes, ([, { labels }]) => [...labels].sort().join(":"));
  for (const group of groups.values()) {
    const labels = [...group[0]?.[1].labels ?? []].map((label) => `:${quoted(label)}`).join("");
    const statement = `UNWIND $rows AS row MERGE (n {${KEY}: row.key}) ` +
      `SET ${labels === "" ? "" : `n${labels}, `}n += row.properties ` +
      `RETURN row.key AS key, id(n) AS id`;
    const rows = group.map(([key, { properties }]) => ({
      key,
      properties: withoutFloats(properties),
    }));
    for (const some of inBatches(rows)) {
      const found = await run(statement, { rows: some });
      for (const [key, id] of found.rows()) ids.set(key as string, id as number);
    }
  }
  const floats = [...nodes].flatMap(([key, { properties }]): PropertyRow[] =>
    floatsOf(properties).map(([name, value]) => ({ ids: [ids.get(key)], name, value }))
  );
  await setFloats(run, "MATCH (x) WHERE id(x) = row.a", floats);
}

/** A statement a type; gives how many were made. */
async function writeRelationships(
  run: Run,
  relationships: readonly MergedRelationship[],
  ids: ReadonlyMap<string, number>,
): Promise<number> {
  let created = 0;
  const ends = "MATCH (a) WHERE id(a) = row.a MATCH (b) WHERE id(b) = row.b ";
  for (const [type, group] of Map.groupBy(relationships, ({ type }) => type)) {
    const statement = `UNWIND $rows AS row ${ends}` +
      `MERGE (a)-[x:${quoted(type)}]->(b) SET x += row.properties`;
    const rows = group.map(({ start, end, properties }) => ({
      a: ids.get(start),
      b: ids.get(end),
      properties: withoutFloats(properties),
    }));
    for (const some of inBatches(rows)) {
      created += (await run(statement, { rows: some })).counters.edgesCreated;
    }
    const floats = group.flatMap(({ start, end, properties }): PropertyRow[] =>
      floatsOf(properties).map(([name, value]) => ({
        ids: [ids.get(start), ids.get(end)],
        name,
        value,
      }))
    );
    await setFloats(run, `${ends}MATCH (a)-[x:${quoted(type)}]->(b)`, floats);
  }
  return created;
}

function floatsOf(
  properties: ReadonlyMap<string, PropertyChanges[string]>,
): [string, number | readonly number[]][] {
  return [...properties].filter((entry): entry is [string, number | readonly number[]] =>
    isIntegralFloat(entry[1])
  );
}
