import { DomainError, type Failure, type FieldFault } from "../domain/errors.ts";
import type {
  NodeUpsert,
  RelationshipUpsert,
  UpsertCount,
  UpsertCounts,
} from "../domain/graph/batch.ts";
import { GraphCheck } from "../domain/graph/check.ts";
import type { EntryDraft } from "../domain/graph/draft.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import { actorOf } from "./audit_trail.ts";
import type { EntryCounts } from "./export_graph.ts";
import type { RequestContext } from "./request_context.ts";
import { graphWrite, writeToGraph, type WriteToGraphParts } from "./write_to_graph.ts";

/** A line of the file: an entry, its end, or why it is neither. */
export type ImportLine =
  & {
    /** From 1. */
    readonly number: number;
    /** In bytes. */
    readonly size: number;
  }
  & (
    | { readonly entry: EntryDraft }
    | { readonly end: EntryCounts }
    | { readonly faults: readonly FieldFault[] }
  );

/** What an import has written. */
export interface GraphImport extends UpsertCounts {
  /** Of nodes and relationships. */
  readonly lines: number;
}

/** Lines of one transaction, and their bytes. */
const BATCH_LINES = 5000;
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Adds what an export has told to the graph, batch by batch, as fast as it comes. What it writes is what
 * the file says, and no entities are made of anything. Once more is no harm.
 *
 * @throws {DomainError} `forbidden`; `import_stopped` where a line is wrong or the file breaks off;
 * `dependency_unavailable`, `circuit_open`, `cancelled`. What stands before is written then.
 */
export async function importGraph(
  parts: WriteToGraphParts,
  lines: AsyncIterable<ImportLine>,
  context: RequestContext,
): Promise<GraphImport> {
  requirePermission(context.principal, "graph:delete");
  const running = new RunningImport(parts, context);
  let ended = "cancelled";
  try {
    await running.take(lines);
    ended = "complete";
  } catch (error) {
    ended = error instanceof DomainError ? error.failure.code : "internal";
    throw error;
  } finally {
    const { written, lines } = running;
    const details = { ...graphWrite(written), lines, ended };
    await parts.audit.record({ type: "graph_imported", details }, actorOf(context));
  }
  return { ...running.written, lines: running.lines };
}

const NOTHING: UpsertCounts = {
  nodes: { created: 0, updated: 0 },
  relationships: { created: 0, updated: 0 },
};

class RunningImport {
  readonly #parts: WriteToGraphParts;
  readonly #context: RequestContext;
  readonly #counts = { nodes: 0, relationships: 0 };
  #nodes: NodeUpsert[] = [];
  #relationships: RelationshipUpsert[] = [];
  #bytes = 0;
  #firstLine = 0;
  written = NOTHING;

  constructor(parts: WriteToGraphParts, context: RequestContext) {
    this.#parts = parts;
    this.#context = context;
  }

  /** Lines of nodes and relationships that were taken. */
  get lines(): number {
    return this.#counts.nodes + this.#counts.relationships;
  }

  async take(lines: AsyncIterable<ImportLine>): Promise<void> {
    let last = 0;
    let isWhole = false;
    for await (const line of lines) {
      last = line.number;
      if (isWhole) {
        await this.#stop(last, [{
          pointer: "",
          expected: "nothing after the end",
          found: "a line",
        }]);
      }
      if ("end" in line) {
        await this.#end(line.number, line.end);
        isWhole = true;
      } else await this.#line(line);
    }
    if (isWhole) return;
    const expected = "a last line of the kind 'end': without it the file may have been cut off";
    await this.#stop(last + 1, [{ pointer: "", expected, found: "the end of the file" }]);
  }

  async #line(line: Exclude<ImportLine, { readonly end: EntryCounts }>): Promise<void> {
    if ("faults" in line) return await this.#stop(line.number, line.faults);
    const check = new GraphCheck("keep");
    const { entry, number, size } = line;
    const checked = entry.kind === "node"
      ? { node: check.node(entry, "") }
      : { relationship: check.relationship(entry, "") };
    if (check.faults.length > 0) return await this.#stop(number, check.faults);
    if (this.#bytes === 0) this.#firstLine = number;
    this.#bytes += size;
    if (checked.node !== undefined) this.#nodes.push(checked.node);
    else this.#relationships.push(checked.relationship);
    this.#counts[entry.kind === "node" ? "nodes" : "relationships"] += 1;
    const count = this.#nodes.length + this.#relationships.length;
    if (count >= BATCH_LINES || this.#bytes >= BATCH_BYTES) await this.#write();
  }

  async #end(number: number, { nodes, relationships }: EntryCounts): Promise<void> {
    await this.#write();
    const counts = this.#counts;
    if (counts.nodes === nodes && counts.relationships === relationships) return;
    const expected = `as many as the file has: ${told(counts)}`;
    await this.#stop(number, [{ pointer: "", expected, found: told({ nodes, relationships }) }]);
  }

  async #write(): Promise<void> {
    const batch = { nodes: this.#nodes, relationships: this.#relationships };
    if (batch.nodes.length + batch.relationships.length === 0) return;
    this.#nodes = [];
    this.#relationships = [];
    this.#bytes = 0;
    try {
      const { counts } = await writeToGraph(this.#parts, batch, this.#context);
      this.written = sum(this.written, counts);
    } catch (error) {
      const errors = error instanceof DomainError ? batchFaults(error.failure) : null;
      throw errors === null ? error : stopped(this.#firstLine, errors, this.written);
    }
  }

  /** What stands before the line is written first. */
  async #stop(line: number, errors: readonly FieldFault[]): Promise<never> {
    await this.#write();
    throw stopped(line, errors, this.written);
  }
}

function stopped(
  line: number,
  errors: readonly FieldFault[],
  written: UpsertCounts,
): DomainError {
  return new DomainError({ code: "import_stopped", line, errors, written });
}

/** What is wrong with the lines of a batch, where they and not the engine are at fault. */
function batchFaults(failure: Failure): readonly FieldFault[] | null {
  if (failure.code === "missing_endpoints") return missing(failure.keys);
  return failure.code === "validation_failed" ? failure.errors : null;
}

function missing(keys: readonly string[]): readonly FieldFault[] {
  const expected = "relationships between nodes of the lines before, or of the graph";
  const few = keys.slice(0, 10).map((key) => `'${key}'`).join(", ");
  const more = keys.length > 10 ? ` and ${keys.length - 10} more` : "";
  return [{ pointer: "", expected, found: `no node with the key ${few}${more}` }];
}

function told({ nodes, relationships }: EntryCounts): string {
  return `${nodes} nodes and ${relationships} relationships`;
}

function sum(one: UpsertCounts, other: UpsertCounts): UpsertCounts {
  return {
    nodes: added(one.nodes, other.nodes),
    relationships: added(one.relationships, other.relationships),
  };
}

function added(one: UpsertCount, other: UpsertCount): UpsertCount {
  return { created: one.created + other.created, updated: one.updated + other.updated };
}
