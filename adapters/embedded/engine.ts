import { DomainError } from "../../domain/errors.ts";
import type {
  DeletionCounts,
  GraphBatch,
  GraphDeletion,
  GraphEntry,
  WrittenBatch,
} from "../../domain/graph/batch.ts";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { Log } from "../../domain/ports/log.ts";
import { hindered, unavailable } from "./child_process.ts";
import type { Asking } from "./flight.ts";
import type { EntriesPage } from "./messages.ts";
import { Supervisor } from "./supervisor.ts";

/** What is asked without a time of its own has this, waiting included. */
const READ_SECONDS = 30;
const WRITE_SECONDS = 60;
const PING_SECONDS = 5;
const USUAL_MEMORY_MEGABYTES = 1024;

/** How the embedded graph is opened. */
export interface EmbeddedGraphOptions {
  /** The graph's file, absolute and without commas; made when absent. */
  readonly path: string;
  /** The Deno that the engine's process runs in, by path. */
  readonly deno: string;
  readonly log: Log;
  readonly clock: Clock;
  /** What the engine's process may take for its work, beside the graph itself; 1,024 if absent. */
  readonly memoryMegabytes?: number;
  /** All that the engine's process sees of the environment; absent: what this one has. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The graph on the engine that comes with the service, in a process of its own. */
export interface EmbeddedGraph extends GraphEngine {
  /** The engine's process; `null` while there is none. */
  readonly pid: number | null;
}

/**
 * Opens the embedded graph. Never rejects: where the engine cannot be loaded, or its file cannot be
 * opened, the log says so and every call rejects with `dependency_unavailable` while it is tried again.
 */
export async function openEmbeddedGraph(options: EmbeddedGraphOptions): Promise<EmbeddedGraph> {
  const { memoryMegabytes = USUAL_MEMORY_MEGABYTES, clock } = options;
  const supervisor = new Supervisor({ ...options, memoryMegabytes }, () => clock.monotonic());
  await supervisor.ready();
  return {
    name: "embedded",
    reader: new EmbeddedReader(supervisor),
    writer: new EmbeddedWriter(supervisor),
    get pid() {
      return supervisor.pid;
    },
    async ping(signal: AbortSignal): Promise<void> {
      await supervisor.ask("ping", null, ordinary("beside", PING_SECONDS, signal));
    },
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

class EmbeddedReader implements GraphReader {
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async query(query: GraphQuery, signal: AbortSignal): Promise<GraphAnswer> {
    const { caller = null, ...question } = query;
    const { timeoutSeconds } = question;
    return await this.#supervisor.ask("query", question, {
      lane: "read",
      caller,
      timeoutSeconds,
      signal,
      overdue: () => new DomainError({ code: "query_timeout", timeoutSeconds }),
      guilty: (reason) => {
        const message = `the statement cannot be carried out: ${reason}`;
        return new DomainError({ code: "query_invalid", message, line: null, column: null });
      },
    });
  }

  async metrics(signal: AbortSignal): Promise<GraphMetrics> {
    return await this.#supervisor.ask("metrics", null, ordinary("read", READ_SECONDS, signal));
  }

  /** No other process can write: what the last answer said holds unless a write is on its way. */
  async generation(signal: AbortSignal): Promise<string> {
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    const known = this.#supervisor.generation;
    if (known !== null) return known;
    await this.#supervisor.ask("ping", null, ordinary("beside", PING_SECONDS, signal));
    return this.#supervisor.latest;
  }

  async *entries(signal: AbortSignal): AsyncIterable<GraphEntry> {
    let cursor: EntriesPage["cursor"] = null;
    do {
      const asking = ordinary("read", READ_SECONDS, signal);
      const page: EntriesPage = await this.#supervisor.ask("entries", cursor, asking);
      yield* page.entries;
      cursor = page.cursor;
    } while (cursor !== null);
  }
}

class EmbeddedWriter implements GraphWriter {
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async upsert(batch: GraphBatch, signal: AbortSignal): Promise<WrittenBatch> {
    return await this.#supervisor.ask("upsert", batch, ordinary("write", WRITE_SECONDS, signal));
  }

  async delete(deletion: GraphDeletion, signal: AbortSignal): Promise<DeletionCounts> {
    return await this.#supervisor.ask("delete", deletion, ordinary("write", WRITE_SECONDS, signal));
  }
}

function ordinary(lane: Asking["lane"], timeoutSeconds: number, signal: AbortSignal): Asking {
  const overdue = (byOthers: boolean) => {
    const reason = `it did not answer within ${timeoutSeconds} s`;
    return byOthers ? hindered(`${reason}, kept from it by other statements`) : unavailable(reason);
  };
  return { lane, caller: null, timeoutSeconds, signal, overdue, guilty: unavailable };
}
