import { DomainError } from "../domain/errors.ts";
import type { GraphEntry } from "../domain/graph/batch.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link exportGraph} works with. */
export interface ExportGraphParts {
  readonly reader: Pick<GraphReader, "entries">;
  readonly audit: Audit;
}

/** How many entries of each kind there were. */
export interface EntryCounts {
  readonly nodes: number;
  readonly relationships: number;
}

/** Every node, then every relationship, and last how many there were; read once, as fast as it is taken. */
export type GraphExport = AsyncGenerator<GraphEntry, EntryCounts>;

/**
 * The whole graph. The audit is told before the first entry is given, and again at the end, however that
 * comes.
 *
 * @throws {DomainError} `forbidden`, `dependency_unavailable`, `circuit_open`, `cancelled`.
 */
export async function exportGraph(
  { reader, audit }: ExportGraphParts,
  context: RequestContext,
): Promise<GraphExport> {
  requirePermission(context.principal, "graph:delete");
  const details = { resource: "graph", owner: null, id: null } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  const entries = reader.entries(context.signal)[Symbol.asyncIterator]();
  // An engine that is away refuses here, while the caller can still be answered so.
  return counted(await entries.next(), entries, { audit, context });
}

interface Told {
  readonly audit: Audit;
  readonly context: RequestContext;
}

async function* counted(
  first: IteratorResult<GraphEntry>,
  entries: AsyncIterator<GraphEntry>,
  { audit, context }: Told,
): GraphExport {
  const counts = { nodes: 0, relationships: 0 };
  let ended = "cancelled";
  try {
    for (let next = first; next.done !== true; next = await entries.next()) {
      counts[next.value.kind === "node" ? "nodes" : "relationships"] += 1;
      yield next.value;
    }
    ended = "complete";
  } catch (error) {
    ended = error instanceof DomainError ? error.failure.code : "internal";
    throw error;
  } finally {
    await entries.return?.();
    const fact = { type: "graph_exported", details: { ...counts, ended } } as const;
    await audit.record(fact, actorOf(context));
  }
  return counts;
}
