import { DomainError } from "../../../domain/errors.ts";
import type {
  DeletionCounts,
  GraphDeletion,
  RelationshipIdentity,
} from "../../../domain/graph/batch.ts";
import { ensureName } from "./batch_rules.ts";
import { idsOf, inBatches } from "./node_ids.ts";
import { quoted } from "./quoted.ts";
import type { Run, Store } from "./store.ts";

/** Deletes in one transaction: relationships, then nodes. */
export function deleteFrom(store: Store, deletion: GraphDeletion): Promise<DeletionCounts> {
  return store.write(async (run) => {
    for (const { type } of deletion.relationships) ensureName(type, "/relationships");
    const ends = deletion.relationships.flatMap(({ start, end }) => [start, end]);
    const ids = await idsOf(run, [...deletion.nodes, ...ends]);
    let relationships = await deleteRelationships(run, deletion.relationships, ids);
    const going = [...new Set(deletion.nodes)].flatMap((key) => ids.get(key) ?? []);
    relationships += await detach(run, going, deletion.detach);
    for (const some of inBatches(going)) {
      await run("UNWIND $ids AS i MATCH (n) WHERE id(n) = i DELETE n", { ids: some });
    }
    const result = { nodes: going.length, relationships };
    return { changed: going.length > 0 || relationships > 0, result };
  });
}

async function deleteRelationships(
  run: Run,
  relationships: readonly RelationshipIdentity[],
  ids: ReadonlyMap<string, number>,
): Promise<number> {
  let deleted = 0;
  for (const [type, group] of Map.groupBy(relationships, ({ type }) => type)) {
    const rows = new Map(
      group.map((
        { start, end },
      ) => [JSON.stringify([start, end]), { a: ids.get(start), b: ids.get(end) }]),
    );
    const there = [...rows.values()].filter(({ a, b }) => a !== undefined && b !== undefined);
    for (const some of inBatches(there)) {
      const { counters } = await run(
        `UNWIND $rows AS row MATCH (a)-[x:${quoted(type)}]->(b) ` +
          `WHERE id(a) = row.a AND id(b) = row.b DELETE x`,
        { rows: some },
      );
      deleted += counters.edgesDeleted;
    }
  }
  return deleted;
}

/** Deletes the relationships of nodes that go, or refuses because there are some. */
async function detach(run: Run, ids: readonly number[], allowed: boolean): Promise<number> {
  let deleted = 0;
  for (const some of inBatches(ids)) {
    const given = { ids: some };
    if (!allowed) {
      const found = await run(
        "UNWIND $ids AS i MATCH (n)-[x]-() WHERE id(n) = i RETURN n.key AS key LIMIT 1",
        given,
      );
      const [key] = found.rows()[0] ?? [];
      if (key === undefined) continue;
      const reason = `the node '${String(key)}' has relationships, and 'detach' is false`;
      throw new DomainError({ code: "graph_conflict", reason });
    }
    const { counters } = await run(
      "UNWIND $ids AS i MATCH (n)-[x]-() WHERE id(n) = i DELETE x",
      given,
    );
    deleted += counters.edgesDeleted;
  }
  return deleted;
}
