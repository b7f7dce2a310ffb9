import { DomainError } from "../../domain/errors.ts";
import type { GraphBatch, UpsertCounts, WrittenBatch } from "../../domain/graph/batch.ts";
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
import type { Growth, WrittenMetrics } from "./written_metrics.ts";

const NODE = `:${INTERNAL_LABEL} {${KEY_PROPERTY}: `;

/** Which keys of `$rows` no node has. */
export const MISSING: string = `UNWIND $rows AS key OPTIONAL MATCH (n${NODE}key}) ` +
  `WITH key, n WHERE n IS NULL RETURN DISTINCT key`;

/** Makes or finds nodes, and adds labels and properties to them. */
export function nodesStatement(labels: readonly string[]): string {
  const added = labels.length === 0
    ? ""
    : `n${labels.map((label) => `:${quoted(label)}`).join("")}, `;
  return `UNWIND $rows AS row MERGE (n${NODE}row.key}) SET ${added}n += row.properties`;
}

/** A batch with more sets of labels, or more types, has them as values: each statement is planned anew. */
const MOST_STATEMENTS = 20;

/** As {@link nodesStatement}, with the labels of each node in its row. */
export const LABELLED_NODES: string = `UNWIND $rows AS row MERGE (n${NODE}row.key}) ` +
  "SET n:$(row.labels), n += row.properties";

/** As {@link relationshipsStatement}, with the type of each in its row. */
export const TYPED_RELATIONSHIPS: string =
  `UNWIND $rows AS row MATCH (a${NODE}row.start}) MATCH (b${NODE}row.end}) ` +
  "MERGE (a)-[x:$(row.type)]->(b) SET x += row.properties RETURN count(*) AS found";

/** Makes or finds relationships of one type, and adds properties to them. */
export function relationshipsStatement(type: string): string {
  return `UNWIND $rows AS row MATCH (a${NODE}row.start}) MATCH (b${NODE}row.end}) ` +
    `MERGE (a)-[x:${quoted(type)}]->(b) SET x += row.properties RETURN count(*) AS found`;
}

/** Writes a batch in one transaction. */
export async function upsert(
  parts: WritingParts,
  metrics: WrittenMetrics,
  batch: GraphBatch,
  signal: AbortSignal,
): Promise<WrittenBatch> {
  ensureWritable(batch);
  // In order of their keys: writers who take locks in one order do not wait for each other in a ring.
  const nodes = mergedNodes(batch.nodes).sort(({ key: a }, { key: b }) => a < b ? -1 : 1);
  const relationships = mergedRelationships(batch.relationships).sort(byEnds);
  await metrics.prepare();
  try {
    const growth = await inTransaction(parts, signal, async (run) => {
      await ensureEnds(run, nodes, relationships);
      const [made, related] = await Promise.all([
        writeNodes(run, nodes),
        writeRelationships(run, relationships),
      ]);
      return { ...made, ...related };
    });
    const { nodes: made, relationships: related, labels, relationshipTypes } = growth;
    const counts: UpsertCounts = {
      nodes: { created: made, updated: nodes.length - made },
      relationships: { created: related, updated: relationships.length - related },
    };
    const isTold = labels !== null && relationshipTypes !== null;
    const told = isTold ? { ...growth, labels, relationshipTypes } : null;
    return { counts, metrics: await metrics.after(told) };
  } catch (error) {
    // It may have been written all the same.
    metrics.forget();
    throw error;
  }
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

/** What nodes have added; `labels` are `null` where that cannot be told. */
type NodeGrowth = Pick<Growth, "nodes"> & { readonly labels: Growth["labels"] | null };

/** A statement a set of labels, or one for all. */
async function writeNodes(run: Run, nodes: readonly MergedNode[]): Promise<NodeGrowth> {
  const groups = Map.groupBy(nodes, ({ labels }) => [...labels].sort().join(":"));
  if (groups.size > MOST_STATEMENTS) {
    const rows = nodes.map(({ key, labels, properties }) => ({
      key,
      labels: [...labels],
      properties: Object.fromEntries(properties),
    }));
    const answers = await runOver(run, LABELLED_NODES, rows);
    return { nodes: sumOf(answers, (answer) => updatesOf(answer).nodesCreated), labels: null };
  }
  const growths = await Promise.all([...groups.values()].map(async (group) => {
    const labels = [...group[0]?.labels ?? []];
    const rows = group.map(({ key, properties }) => ({
      key,
      properties: Object.fromEntries(properties),
    }));
    const answers = await runOver(run, nodesStatement(labels), rows);
    const made = sumOf(answers, (answer) => updatesOf(answer).nodesCreated);
    // Each node that was made has the service's own label, too.
    const put = sumOf(answers, (answer) => updatesOf(answer).labelsAdded) - made;
    return { made, labels, each: eachOf(put, made, labels.length) };
  }));
  const labels = new Map<string, number>();
  for (const { labels: names, each } of growths) {
    for (const name of names) labels.set(name, (labels.get(name) ?? 0) + (each ?? 0));
  }
  const isTold = growths.every(({ each }) => each !== null);
  return {
    nodes: growths.reduce((sum, { made }) => sum + made, 0),
    labels: isTold ? Object.fromEntries(labels) : null,
  };
}

/**
 * How many nodes have got each of some labels, where so many labels were put on nodes, of which some were
 * made; `null` where the database does not tell.
 */
function eachOf(put: number, made: number, labels: number): number | null {
  if (labels <= 1) return put;
  return put === made * labels ? made : null;
}

/** What relationships have added; their types are `null` where that cannot be told. */
type RelationshipGrowth = Pick<Growth, "relationships"> & {
  readonly relationshipTypes: Growth["relationshipTypes"] | null;
};

/** A statement a type, or one for all. */
async function writeRelationships(
  run: Run,
  relationships: readonly MergedRelationship[],
): Promise<RelationshipGrowth> {
  const groups = Map.groupBy(relationships, ({ type }) => type);
  const isMany = groups.size > MOST_STATEMENTS;
  const statements: [type: string | null, statement: string, group: typeof relationships][] = isMany
    ? [[null, TYPED_RELATIONSHIPS, relationships]]
    : [...groups].map(([type, group]) => [type, relationshipsStatement(type), group]);
  const written = await Promise.all(statements.map(async ([type, statement, group]) => {
    const answers = await runOver(run, statement, group.map(rowOf));
    const found = sumOf(answers, ({ records }) => Number(records[0]?.get("found") ?? 0));
    const made = sumOf(answers, (answer) => updatesOf(answer).relationshipsCreated);
    return { type, found, made };
  }));
  const found = written.reduce((sum, { found }) => sum + found, 0);
  if (found < relationships.length) throw goneMeanwhile();
  return {
    relationships: written.reduce((sum, { made }) => sum + made, 0),
    relationshipTypes: isMany
      ? null
      : Object.fromEntries(written.map(({ type, made }) => [type, made])),
  };
}

function rowOf({ start, end, type, properties }: MergedRelationship): Record<string, unknown> {
  return { start, end, type, properties: Object.fromEntries(properties) };
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

/** What a statement has done. */
interface Updates {
  readonly nodesCreated: number;
  readonly labelsAdded: number;
  readonly relationshipsCreated: number;
}

function updatesOf({ summary }: Answer): Updates {
  return summary.counters.updates() as unknown as Updates;
}
