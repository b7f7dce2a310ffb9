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
import { deleteFrom } from "./deletion.ts";
import { poolFields } from "./driver.ts";
import { entriesOf } from "./entries.ts";
import { unavailable } from "./faults.ts";
import { Generations } from "./generations.ts";
import { Link } from "./link.ts";
import { Counter, countGraph } from "./metrics.ts";
import type { Neo4jOptions, PoolState } from "./options.ts";
import { answerQuery } from "./query.ts";
import { Schema } from "./schema.ts";
import { serverStartOf } from "./server_start.ts";
import type { Run, WritingParts } from "./transaction.ts";
import { upsert } from "./upsert.ts";
import { Verdicts } from "./verdicts.ts";
import { WrittenMetrics } from "./written_metrics.ts";

/** What a start waits for a database that does not answer. */
const START_MS = 5000;

/** Whoever asks for a generation does without it where it takes longer: it is there to spare time. */
const GENERATION_MS = 1000;

/** The graph in a Neo4j database. */
export interface Neo4jGraph extends GraphEngine {
  /** What the connections do now. */
  readonly pool: PoolState;
  /** `listen` is told, for each call, how long it waited for a connection, in seconds. It must not throw. */
  subscribe(listen: (seconds: number) => void): void;
}

/**
 * Opens the graph in a Neo4j database. Never rejects: where the database is away the log says so, and
 * every call rejects with `dependency_unavailable` until it is back.
 */
export async function openNeo4jGraph(options: Neo4jOptions): Promise<Neo4jGraph> {
  const graph = new Graph(options);
  await graph.begin();
  return graph;
}

class Graph implements Neo4jGraph {
  readonly name = "neo4j";
  readonly reader: GraphReader;
  readonly writer: GraphWriter;
  readonly #options: Neo4jOptions;
  readonly #link: Link;
  readonly #schema: Schema;
  readonly #writes = new Set<Promise<unknown>>();
  #closing = false;

  constructor(options: Neo4jOptions) {
    this.#options = options;
    this.#link = new Link(options);
    const link = this.#link;
    const { clock, log } = options;
    const start = serverStartOf(link, log);
    this.#schema = new Schema(link, start);
    const generations = new Generations({ link, clock, start });
    const counter = new Counter();
    this.reader = new Reader({ link, generations, clock, counter }, () => this.#ensureOpen());
    const parts = {
      link,
      clock,
      retrySeconds: options.retrySeconds,
      ensureSame: (run: Run) => this.#schema.ensureSame(run),
      onWritten: (bookmarks: readonly string[]) => generations.wrote(bookmarks),
    };
    const staying = new AbortController().signal;
    const metrics = new WrittenMetrics(() => countGraph(link, counter, staying), clock);
    this.writer = new Writer(parts, metrics, (write) => this.#finishing(write));
  }

  get pool(): PoolState {
    return this.#link.pool;
  }

  subscribe(listen: (seconds: number) => void): void {
    this.#link.subscribe(listen);
  }

  /** Makes the schema; a database that is away is tried again by the first write. */
  async begin(): Promise<void> {
    const { log, uri, database } = this.#options;
    log.write("info", "graph_pool", poolFields(this.#options));
    const { promise, reject } = Promise.withResolvers<never>();
    const late = setTimeout(() => reject(unavailable("it did not answer")), START_MS);
    try {
      await Promise.race([this.#schema.ensured(), promise]);
    } catch (error) {
      log.write("error", "graph_not_reached", { uri, database, reason: wholeReason(error) });
    } finally {
      clearTimeout(late);
    }
  }

  async ping(signal: AbortSignal): Promise<void> {
    this.#ensureOpen();
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    await this.#link.ping();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#writes);
    await this.#link[Symbol.asyncDispose]();
  }

  #ensureOpen(): void {
    if (this.#closing) throw unavailable("it is closed");
  }

  /** A write that has begun is finished before the graph closes. */
  async #finishing<Done>(write: () => Promise<Done>): Promise<Done> {
    this.#ensureOpen();
    const writing = this.#schema.ensured().then(write);
    this.#writes.add(writing);
    try {
      return await writing;
    } finally {
      this.#writes.delete(writing);
    }
  }
}

class Reader implements GraphReader {
  readonly #link: Link;
  readonly #generations: Generations;
  readonly #verdicts: Verdicts;
  readonly #ensureOpen: () => void;

  readonly #clock: Clock;
  readonly #counter: Counter;

  constructor(
    { link, generations, clock, counter }: {
      readonly link: Link;
      readonly generations: Generations;
      readonly clock: Clock;
      readonly counter: Counter;
    },
    ensureOpen: () => void,
  ) {
    this.#link = link;
    this.#generations = generations;
    this.#verdicts = new Verdicts(link);
    this.#clock = clock;
    this.#counter = counter;
    this.#ensureOpen = ensureOpen;
  }

  async query(query: GraphQuery, signal: AbortSignal): Promise<GraphAnswer> {
    this.#ensureOpen();
    const { timeoutSeconds } = query;
    const milliseconds = timeoutSeconds * 1000;
    const end = this.#clock.monotonic() + milliseconds;
    const overdue = async () => {
      await this.#link.ping();
      return new DomainError({ code: "query_timeout", timeoutSeconds });
    };
    const generation = await this.#generations.current(signal, { milliseconds, overdue });
    const left = () => Math.max(1, end - this.#clock.monotonic());
    const parts = { link: this.#link, verdicts: this.#verdicts, left };
    return await answerQuery(parts, query, generation, signal);
  }

  async metrics(signal: AbortSignal): Promise<GraphMetrics> {
    this.#ensureOpen();
    return await countGraph(this.#link, this.#counter, signal);
  }

  async generation(signal: AbortSignal): Promise<string> {
    this.#ensureOpen();
    const overdue = () => Promise.resolve(unavailable("it did not tell its state in time"));
    const patience = { milliseconds: GENERATION_MS, overdue };
    return (await this.#generations.current(signal, patience)).name;
  }

  async *entries(signal: AbortSignal): AsyncIterable<GraphEntry> {
    this.#ensureOpen();
    yield* entriesOf(this.#link, signal);
  }
}

class Writer implements GraphWriter {
  readonly #parts: WritingParts;
  readonly #metrics: WrittenMetrics;
  readonly #finishing: <Done>(write: () => Promise<Done>) => Promise<Done>;

  constructor(
    parts: WritingParts,
    metrics: WrittenMetrics,
    finishing: <Done>(write: () => Promise<Done>) => Promise<Done>,
  ) {
    this.#parts = parts;
    this.#metrics = metrics;
    this.#finishing = finishing;
  }

  async upsert(batch: GraphBatch, signal: AbortSignal): Promise<WrittenBatch> {
    return await this.#finishing(() => upsert(this.#parts, this.#metrics, batch, signal));
  }

  async delete(deletion: GraphDeletion, signal: AbortSignal): Promise<DeletionCounts> {
    try {
      return await this.#finishing(() => deleteFrom(this.#parts, deletion, signal));
    } finally {
      // The database tells how many nodes are gone, and not which labels they had.
      this.#metrics.forget();
    }
  }
}

/** With what the driver has said, which callers are not told. */
function wholeReason(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error ? `${error}: ${cause.message.split("\n", 1)[0]}` : String(error);
}
