import { DomainError } from "../../domain/errors.ts";
import type { GraphBatch, UpsertCounts } from "../../domain/graph/batch.ts";
import {
  type MergedNode,
  mergedNodes,
  type MergedRelationship,
  mergedRelationships,
} from "../../domain/graph/merged_batch.ts";
import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import { ensureWritable } from "./batch_rules.ts";
import { runOver, sumOf } from "./rows.ts";
import { quoted } from "./text.ts";
import { type Answer, inTransaction, type Run, type WritingParts } from "./transaction.ts";

const NODE = `:${INTERNAL_LABEL} {${KEY_PROPERTY}: `;
const MISSING = `UNWIND $rows AS key OPTIONAL MATCH (n${NODE}key}) ` +
  `WITH key, n WHERE n IS NULL RETURN DISTINCT key`;

/** Writes a batch in one transaction. */
export async function upsert(
  parts: WritingParts,
  batch: GraphBatch,
  signal: AbortSignal,
): Promise<UpsertCounts> {
  ensureWritable(batch);
  // In order of their keys: writers who take locks in one order do not wait for each other in a ring.
  const nodes = mergedNodes(batch.nodes).sort(({ key: a }, { key: b }) => a < b ? -1 : 1);
  const relationships = mergedRelationships(batch.relationships).sort(byEnds);
  if (nodes.length === 0 && relationships.length === 0) {
    return { nodes: { created: 0, updated: 0 }, relationships: { created: 0, updated: 0 } };
  }
  return await inTransaction(parts, signal, async (run) => {
    await ensureEnds(run, nodes, relationships);
    const [made, related] = await Promise.all([
      writeNodes(run, nodes),
      writeRelationships(run, relationships),
    ]);
    return {
      nodes: { created: made, updated: nodes.length - made },
      relationships: { created: related, updated: relationships.length - related },
    };
  });
}

function byEnds(a: MergedRelationship, b: MergedRelationship): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.end < b.end ? -1 : 1;
}

/** Looked at before anything is written, so that a batch that is refused leaves no trace. */
async function ensureEnds(
  run: Run,
  nodes: readonly MergedNode[],
  relationships: readonly MergedRelationship[],
): Promise<void> {
  const ends = new Set(relationships.flatMap(({ start, end }) => [start, end]));
  for (const { key } of nodes) ends.delete(key);
  const answers = await runOver(run, MISSING, [...ends]);
  const keys = answers.flatMap(({ records }) => records.map((record) => record.get("key")));
  if (keys.length > 0) throw new DomainError({ code: "missing_endpoints", keys });
}

/** A statement a set of labels; gives how many were made. */
async function writeNodes(run: Run, nodes: readonly MergedNode[]): Promise<number> {
  const groups = Map.groupBy(nodes, ({ labels }) => [...labels].sort().join(":"));
  const answers = [...groups.values()].map((group) => {
    const labels = [...group[0]?.labels ?? []].map((label) => `:${quoted(label)}`).join("");
    const statement = `UNWIND $rows AS row MERGE (n${NODE}row.key}) ` +
      `SET ${labels === "" ? "" : `n${labels}, `}n += row.properties`;
    const rows = group.map(({ key, properties }) => ({
      key,
      properties: Object.fromEntries(properties),
    }));
    return runOver(run, statement, rows);
  });
  return sumOf((await Promise.all(answers)).flat(), (answer) => created(answer).nodesCreated);
}

/** A statement a type; gives how many were made. */
async function writeRelationships(
  run: Run,
  relationships: readonly MergedRelationship[],
): Promise<number> {
  const groups = Map.groupBy(relationships, ({ type }) => type);
  const answers = [...groups].map(([type, group]) => {
    const statement = `UNWIND $rows AS row MATCH (a${NODE}row.start}) MATCH (b${NODE}row.end}) ` +
      `MERGE (a)-[x:${quoted(type)}]->(b) SET x += row.properties RETURN count(*) AS found`;
    const rows = group.map(({ start, end, properties }) => ({
      start,
      end,
      properties: Object.fromEntries(properties),
    }));
    return runOver(run, statement, rows);
  });
  const all = (await Promise.all(answers)).flat();
  const found = sumOf(all, ({ records }) => Number(records[0]?.get("found") ?? 0));
  if (found < relationships.length) throw goneMeanwhile();
  return sumOf(all, (answer) => created(answer).relationshipsCreated);
}

/** An end that was there when the batch began has been deleted by another; the next attempt names it. */
function goneMeanwhile(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "graph",
    reason: "a node was deleted while relationships were made to it",
    remedy: null,
    retryAfterSeconds: 1,
  });
}

function created(
  { summary }: Answer,
): { readonly nodesCreated: number; readonly relationshipsCreated: number } {
  return summary.counters.updates() as ReturnType<typeof created>;
}
