import { cacheKey, type Sha256 } from "../domain/caching/key.ts";
import { isObject } from "../domain/caching/plain_data.ts";
import type { ExecutionRecord, Outcome } from "../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import type { CodePolicy } from "../domain/policy/finding.ts";
import type { Cache } from "../domain/ports/cache.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import { type Answered, cached, type LoadCounts } from "./decorators/cached.ts";
import type { ExecutionWatcher } from "./execution_watcher.ts";
import type { RequestContext } from "./request_context.ts";

/** The record that a caller is given. */
export interface ExecutionAnswer extends ExecutionRecord {
  /** Whether it is of another request's run: one that has ended, or was under way. */
  readonly cached: boolean;
}

/** What is remembered of a run: its record stands where all records stand. */
export interface RememberedRun {
  readonly id: string;
  readonly outcome: Outcome;
}

/** Whether something is what is remembered of a run that can answer another request. */
export function isRememberedRun(found: unknown): found is RememberedRun {
  if (!isObject(found)) return false;
  const { id, outcome }: { id?: unknown; outcome?: unknown } = found;
  return typeof id === "string" && outcome === "ok";
}

/** A request that an earlier run's record may answer. */
export interface AskedRun {
  readonly request: ExecutionRequest;
  readonly context: RequestContext;
  readonly watcher: ExecutionWatcher | undefined;
  /** Runs it and keeps its record. */
  readonly run: (
    context: RequestContext,
    watcher: ExecutionWatcher | undefined,
  ) => Promise<ExecutionRecord>;
}

/** What {@link EarlierRuns} works with. */
export interface EarlierRunsParts {
  readonly cache: Cache<RememberedRun>;
  readonly counts: LoadCounts;
  readonly ttlSeconds: number;
  readonly records: Pick<ExecutionRecords, "find">;
  readonly audit: Audit;
  readonly sha256: Sha256;
  readonly policy: CodePolicy;
  /** What programs are run by now; see `RunnerStatus.toolchain`. */
  readonly toolchain: () => string;
  /** Resolves after so many milliseconds, or once the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** What is waited for a record that another instance has made: it may be on its way to where all look. */
const RECORD_WAITS_MS = [20, 80, 200];

/**
 * Answers a request by the record of a run that the same caller has asked for in the very same way.
 *
 * Only runs that ended `ok` are remembered. Whoever asks while such a run is under way waits for it,
 * takes no place of his own, and gets its record however it ends.
 */
export class EarlierRuns {
  readonly #parts: EarlierRunsParts;
  readonly #find: (asked: AskedRun, signal: AbortSignal) => Promise<Answered<RememberedRun>>;
  readonly #made = new WeakMap<AskedRun, ExecutionRecord>();

  constructor(parts: EarlierRunsParts) {
    this.#parts = parts;
    const { cache, counts, ttlSeconds } = parts;
    this.#find = cached((asked, signal) => this.#run(asked, signal), {
      cache,
      counts,
      keyOf: (asked) => this.#keyOf(asked),
      ttlSecondsOf: ({ outcome }) => outcome === "ok" ? ttlSeconds : null,
    });
  }

  /** Rejects as the run would; the audit is told of a record that is read before it is answered. */
  async answer(asked: AskedRun): Promise<ExecutionAnswer> {
    const { context, watcher } = asked;
    const { value: { id } } = await this.#find(asked, context.signal);
    const made = this.#made.get(asked);
    if (made !== undefined) return { ...made, cached: false };
    const record = await this.#recordOf(id, context.signal);
    // What is remembered may stand where others can write: an id alone gives nobody another's record.
    if (record === null || record.owner !== context.principal.subject) {
      if (await this.#forgotten(asked)) return await this.answer(asked);
      return { ...await asked.run(context, watcher), cached: false };
    }
    const details = { resource: "execution", owner: record.owner, id } as const;
    await this.#parts.audit.record({ type: "data_accessed", details }, actorOf(context));
    watcher?.started({ id, language: record.language, createdAt: record.createdAt });
    return { ...record, cached: true };
  }

  async #recordOf(id: string, signal: AbortSignal): Promise<ExecutionRecord | null> {
    const { records, sleep } = this.#parts;
    for (const wait of RECORD_WAITS_MS) {
      const record = await records.find(id);
      if (record !== null || signal.aborted) return record;
      await sleep(wait, signal);
    }
    return await records.find(id);
  }

  /** Whether the run that was remembered for this is found by nobody any more. */
  async #forgotten(asked: AskedRun): Promise<boolean> {
    try {
      await this.#parts.cache.delete(this.#keyOf(asked));
      return true;
    } catch {
      this.#parts.counts.errors += 1;
      return false;
    }
  }

  async #run(asked: AskedRun, signal: AbortSignal): Promise<RememberedRun> {
    const { context, watcher } = asked;
    const heard = watcher && heardUntil(watcher, context.signal);
    const record = await asked.run({ ...context, signal }, heard);
    this.#made.set(asked, record);
    return { id: record.id, outcome: record.outcome };
  }

  #keyOf({ request, context }: AskedRun): string {
    const { language, code, stdin, args, environment, files, outputs, limits } = request;
    return cacheKey({
      what: "execution",
      caller: context.principal.subject,
      program: { language, code, stdin, args, environment },
      files: files.map(({ path, content }) => ({ path, content })),
      outputs: { ...outputs },
      limits: { ...limits },
      policy: this.#parts.policy,
      toolchain: this.#parts.toolchain(),
    }, this.#parts.sha256);
  }
}

/** A watcher that hears nothing more once it has left: others may go on waiting for the run. */
function heardUntil(watcher: ExecutionWatcher, left: AbortSignal): ExecutionWatcher {
  return {
    started(execution) {
      if (!left.aborted) watcher.started(execution);
    },
    wrote(stream, text) {
      if (left.aborted) return;
      const taken = watcher.wrote(stream, text);
      return taken && takenOrLeft(taken, left);
    },
  };
}

/** Nobody takes what is still on its way to somebody who left. */
async function takenOrLeft(taken: Promise<void>, left: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = () => resolve();
  left.addEventListener("abort", leave, { once: true });
  try {
    await Promise.race([taken, promise]);
  } finally {
    left.removeEventListener("abort", leave);
  }
}
