import { DomainError } from "../../domain/errors.ts";
import type {
  DeletionCounts,
  GraphDeletion,
  RelationshipIdentity,
} from "../../domain/graph/batch.ts";
import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import { ensureDeletable } from "./batch_rules.ts";
import { runOver, sumOf } from "./rows.ts";
import { quoted } from "./text.ts";
import { type Answer, inTransaction, type Run, type WritingParts } from "./transaction.ts";

const NODE = `:${INTERNAL_LABEL} {${KEY_PROPERTY}: `;
const HELD = `UNWIND $rows AS key MATCH (n${NODE}key}) WHERE EXISTS { (n)--() } ` +
  `RETURN key LIMIT 1`;
const DELETE = `UNWIND $rows AS key MATCH (n${NODE}key}) DELETE n`;
const DETACH = `UNWIND $rows AS key MATCH (n${NODE}key}) DETACH DELETE n`;

/** Deletes in one transaction: relationships, then nodes. */
export async function deleteFrom(
  parts: WritingParts,
  deletion: GraphDeletion,
  signal: AbortSignal,
): Promise<DeletionCounts> {
  ensureDeletable(deletion);
  const keys = [...new Set(deletion.nodes)].sort();
  return await inTransaction(parts, signal, async (run) => {
    let relationships = await deleteRelationships(run, deletion.relationships);
    if (!deletion.detach) await ensureFree(run, keys);
    const answers = await runOver(run, deletion.detach ? DETACH : DELETE, keys);
    relationships += sumOf(answers, relationshipsDeleted);
    return { nodes: sumOf(answers, (answer) => updates(answer).nodesDeleted ?? 0), relationships };
  });
}

async function deleteRelationships(
  run: Run,
  relationships: readonly RelationshipIdentity[],
): Promise<number> {
  const groups = Map.groupBy(relationships, ({ type }) => type);
  const answers = [...groups].map(([type, group]) => {
    const rows = new Map(
      group.map(({ start, end }) => [JSON.stringify([start, end]), { start, end }]),
    );
    const statement = `UNWIND $rows AS row ` +
      `MATCH (a${NODE}row.start})-[x:${quoted(type)}]->(b${NODE}row.end}) DELETE x`;
    return runOver(run, statement, [...rows.values()]);
  });
  return sumOf((await Promise.all(answers)).flat(), relationshipsDeleted);
}

async function ensureFree(run: Run, keys: readonly string[]): Promise<void> {
  const answers = await runOver(run, HELD, keys);
  const [key] = answers.flatMap(({ records }) => records.map((record) => record.get("key")));
  if (key === undefined) return;
  const reason = `the node '${String(key)}' has relationships, and 'detach' is false`;
  throw new DomainError({ code: "graph_conflict", reason });
}

function relationshipsDeleted(answer: Answer): number {
  return updates(answer).relationshipsDeleted ?? 0;
}

function updates({ summary }: Answer): Readonly<Record<string, number>> {
  return summary.counters.updates();
}
