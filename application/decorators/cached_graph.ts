import { cacheKey, type Sha256 } from "../../domain/caching/key.ts";
import { isObject } from "../../domain/caching/plain_data.ts";
import { isGraphAnswer, isGraphMetrics } from "../../domain/graph/kept_answer.ts";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import { isFailure } from "../../domain/errors.ts";
import type { Cache } from "../../domain/ports/cache.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import { type Answered, cached, ForgivingStore, type LoadCounts } from "./cached.ts";

/** A cache, and how long what is stored in it is good for; 0: nothing is. */
export interface TimedCache<Value> {
  readonly named: { readonly cache: Cache<Value>; readonly counts: LoadCounts };
  readonly ttlSeconds: number;
}

/** What caching the graph's answers takes. */
export interface CachedGraphParts {
  readonly queries: TimedCache<DatedAnswer>;
  readonly metrics: TimedCache<GraphMetrics>;
  readonly sha256: Sha256;
}

/** An answer, and the generation that the graph had when it was asked for. */
export interface DatedAnswer {
  readonly answer: GraphAnswer;
  readonly asOf: string;
}

/** Whether something is an answer that others may be given. */
export function isDatedAnswer(found: unknown): found is DatedAnswer {
  if (!isObject(found)) return false;
  const { answer, asOf }: { answer?: unknown; asOf?: unknown } = found;
  return typeof asOf === "string" && isGraphAnswer(answer);
}

export { isGraphMetrics };

interface DatedQuery {
  readonly query: GraphQuery;
  readonly asOf: string;
}

/** Statements of which it is remembered whether their answers can be shared. */
const MOST_STATEMENTS = 2000;

/**
 * A reader that gives answers again for as long as nothing was written, and metrics likewise.
 *
 * Answers are kept under the graph's generation: a write moves that within its own transaction, so what
 * was read before a write is not found after it, and what was read while one was made is not kept. Only
 * statements are kept, and share a load with those who ask the same at once, whose plan has shown that
 * they give the same answer each time.
 */
export function cachedReader(reader: GraphReader, parts: CachedGraphParts): GraphReader {
  const answers = parts.queries.ttlSeconds > 0 ? new KeptAnswers(reader, parts) : reader;
  const metrics = keptMetrics(reader, parts.metrics);
  return {
    query: (query, signal) => answers.query(query, signal),
    metrics,
    generation: (signal) => reader.generation(signal),
    entries: (signal) => reader.entries(signal),
  };
}

class KeptAnswers implements Pick<GraphReader, "query"> {
  readonly #reader: GraphReader;
  readonly #parts: CachedGraphParts;
  readonly #store: ForgivingStore<DatedAnswer>;
  readonly #found: (asked: DatedQuery, signal: AbortSignal) => Promise<Answered<DatedAnswer>>;
  /** By statement: whether it gives the same answer each time. */
  readonly #repeatable = new Map<string, boolean>();

  constructor(reader: GraphReader, parts: CachedGraphParts) {
    this.#reader = reader;
    this.#parts = parts;
    const { named, ttlSeconds } = parts.queries;
    const kept = {
      ...named,
      ttlSecondsOf: (dated: DatedAnswer) => this.#isLasting(dated) ? ttlSeconds : null,
    };
    this.#store = new ForgivingStore(kept);
    this.#found = cached((asked, signal) => this.#ask(asked, signal), {
      ...kept,
      keyOf: (asked) => this.#keyOf(asked),
    });
  }

  async query(query: GraphQuery, signal: AbortSignal): Promise<GraphAnswer> {
    const statement = this.#parts.sha256(query.statement);
    const repeatable = this.#repeatable.get(statement);
    if (repeatable === false) return await this.#reader.query(query, signal);
    const asOf = await generationOf(this.#reader, signal);
    if (asOf === null) return await this.#reader.query(query, signal);
    const asked = { query, asOf };
    if (repeatable === undefined) return await this.#firstAnswer(statement, asked, signal);
    const { value: { answer }, cached } = await this.#found(asked, signal);
    return cached ? { ...answer, cached } : answer;
  }

  /** Until it is known that a statement always answers the same, each caller is given an answer of its own. */
  async #firstAnswer(
    statement: string,
    asked: DatedQuery,
    signal: AbortSignal,
  ): Promise<GraphAnswer> {
    const since = this.#parts.queries.named.cache.version;
    const dated = await this.#ask(asked, signal);
    this.#learn(statement, dated.answer.repeatable);
    if (!this.#isLasting(dated)) return dated.answer;
    return (await this.#store.keep(this.#keyOf(asked), dated, { since })).answer;
  }

  async #ask({ query, asOf }: DatedQuery, signal: AbortSignal): Promise<DatedAnswer> {
    return { answer: await this.#reader.query(query, signal), asOf };
  }

  #isLasting({ answer, asOf }: DatedAnswer): boolean {
    return answer.repeatable && answer.generation === asOf;
  }

  /** All callers share what is kept. */
  #keyOf({ query: { caller: _, ...query }, asOf }: DatedQuery): string {
    return cacheKey({ ...query, asOf }, this.#parts.sha256);
  }

  #learn(statement: string, repeatable: boolean): void {
    if (this.#repeatable.size >= MOST_STATEMENTS) {
      const [oldest = ""] = this.#repeatable.keys();
      this.#repeatable.delete(oldest);
    }
    this.#repeatable.set(statement, repeatable);
  }
}

function keptMetrics(
  reader: GraphReader,
  { named, ttlSeconds }: TimedCache<GraphMetrics>,
): GraphReader["metrics"] {
  if (ttlSeconds === 0) return (signal) => reader.metrics(signal);
  const found = cached((_generation: string, signal) => reader.metrics(signal), {
    ...named,
    keyOf: (generation) => generation,
    ttlSecondsOf: () => ttlSeconds,
  });
  return async (signal) => {
    const generation = await generationOf(reader, signal);
    if (generation === null) return await reader.metrics(signal);
    return (await found(generation, signal)).value;
  };
}

/** `null` where it cannot be told now: the engine itself is asked then, as if there were no cache. */
async function generationOf(reader: GraphReader, signal: AbortSignal): Promise<string | null> {
  try {
    return await reader.generation(signal);
  } catch (error) {
    if (isFailure(error, "cancelled")) throw error;
    return null;
  }
}
