import type { JobStore, StoredEnd } from "../../adapters/sqlite/job_store.ts";
import { DomainError } from "../../domain/errors.ts";
import {
  hasEnded,
  type Job,
  MAX_JOB_ATTEMPTS,
  MOST_JOB_BYTES,
  MOST_OPEN_JOBS,
  type NewJob,
} from "../../domain/execution/job.ts";
import { encodeRequest } from "../../domain/execution/request_bytes.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { newestOf, type Page } from "../../domain/execution/summary.ts";
import type { AddedJob } from "../../domain/ports/job_queue.ts";

interface Kept {
  readonly added: NewJob;
  job: Job;
  readyAt: number;
  stop: boolean;
}

/** Jobs in a map, for as long as it lives. */
export class MapJobStore implements JobStore {
  readonly #jobs = new Map<string, Kept>();
  readonly #ttlMs: number;
  readonly #most: number;
  readonly #mostBytes: typeof MOST_JOB_BYTES;

  constructor(ttlSeconds: number, most = MOST_OPEN_JOBS, mostBytes = MOST_JOB_BYTES) {
    this.#ttlMs = ttlSeconds * 1000;
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  add(added: NewJob, quota: number): Promise<AddedJob> {
    const known = this.#underKey(added);
    if (known !== null) {
      const { idempotency } = added;
      if (known.added.idempotency?.fingerprint === idempotency?.fingerprint) {
        return Promise.resolve({ job: known.job, added: false });
      }
      const key = idempotency?.key ?? "";
      return Promise.reject(new DomainError({ code: "idempotency_key_reused", key }));
    }
    const refusal = this.#refusal(added, quota);
    if (refusal !== null) return Promise.reject(refusal);
    const { request, idempotency: _, ...facts } = added;
    const begun = { state: "queued", attempts: 0, failure: null, endedAt: null } as const;
    const job: Job = { ...facts, language: request.language, ...begun };
    this.#jobs.set(job.id, { added, job, readyAt: 0, stop: false });
    return Promise.resolve({ job, added: true });
  }

  find(id: string): Promise<Job | null> {
    return Promise.resolve(this.#known(id)?.job ?? null);
  }

  cancel(id: string): Promise<Job | null> {
    const kept = this.#known(id);
    if (kept?.job.state === "queued") this.#end(kept, { state: "cancelled" });
    if (kept !== undefined) kept.stop = true;
    return this.find(id);
  }

  dead(limit: number): Promise<readonly Job[]> {
    const dead = this.#all().map(({ job }) => job).filter(({ state }) => state === "dead");
    const at = ({ endedAt }: Job) => Date.parse(endedAt ?? "");
    const lastFirst = dead.reverse().sort((one, other) => at(other) - at(one));
    return Promise.resolve(lastFirst.slice(0, limit));
  }

  open(owner: string, page: Page): Promise<readonly Job[]> {
    const open = this.#all().map(({ job }) => job).filter((job) => !hasEnded(job));
    return Promise.resolve(newestOf(open.filter((job) => job.owner === owner), page));
  }

  take(): Promise<Job | null> {
    const [next] = this.#all()
      .filter(({ job, readyAt }) => job.state === "queued" && readyAt <= Date.now())
      .sort((one, other) => one.job.priority - other.job.priority);
    if (next === undefined) return Promise.resolve(null);
    next.job = { ...next.job, state: "running", attempts: next.job.attempts + 1 };
    return Promise.resolve(next.job);
  }

  requestOf(id: string): Promise<ExecutionRequest> {
    const kept = this.#jobs.get(id);
    if (kept === undefined) return Promise.reject(new Error(`no job '${id}'`));
    return Promise.resolve(kept.added.request);
  }

  end(id: string, end: StoredEnd): Promise<void> {
    const kept = this.#jobs.get(id);
    if (kept !== undefined) this.#end(kept, end);
    return Promise.resolve();
  }

  release(
    id: string,
    { delaySeconds, counted }: { readonly delaySeconds: number; readonly counted: boolean },
  ): Promise<Job> {
    const kept = this.#jobs.get(id);
    if (kept === undefined) return Promise.reject(new Error(`no job '${id}'`));
    const { attempts } = kept.job;
    if (kept.stop) this.#end(kept, { state: "cancelled" });
    else if (counted && attempts >= MAX_JOB_ATTEMPTS) {
      this.#end(kept, { state: "dead", failure: { code: "worker_lost", attempts } });
    } else {
      kept.readyAt = Date.now() + delaySeconds * 1000;
      kept.job = { ...kept.job, state: "queued", attempts: attempts - (counted ? 0 : 1) };
    }
    return Promise.resolve(kept.job);
  }

  nextIn(): number | null {
    const waiting = this.#all().filter(({ job }) => job.state === "queued");
    if (waiting.length === 0) return null;
    return Math.max(0, Math.min(...waiting.map(({ readyAt }) => readyAt)) - Date.now());
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  #refusal(added: NewJob, quota: number): DomainError | null {
    const open = this.#all().filter(({ job }) => !hasEnded(job));
    const mine = open.filter(({ job: { owner } }) => owner === added.owner);
    const more = bytesOf([{ added }]);
    const [inHand, held] = [mine.length, bytesOf(mine)];
    const { own: allowed, all } = this.#mostBytes;
    if (inHand >= quota) return tooMany(open.length, { inHand, allowed: quota });
    if (held > 0 && held + more > allowed) {
      return tooMany(open.length, { inHand: held, allowed, unit: "bytes" });
    }
    const isHeavy = open.length > 0 && bytesOf(open) + more > all;
    return isHeavy || open.length >= this.#most ? tooMany(open.length) : null;
  }

  #end(kept: Kept, end: StoredEnd): void {
    if (hasEnded(kept.job)) return;
    const failure = end.state === "dead" ? end.failure : null;
    const endedAt = new Date().toISOString();
    kept.job = { ...kept.job, state: end.state, failure, endedAt };
  }

  #all(): Kept[] {
    return [...this.#jobs.keys()].flatMap((id) => this.#known(id) ?? []);
  }

  #known(id: string): Kept | undefined {
    const kept = this.#jobs.get(id);
    const endedAt = kept?.job.endedAt ?? null;
    return endedAt !== null && Date.parse(endedAt) + this.#ttlMs <= Date.now() ? undefined : kept;
  }

  #underKey({ owner, idempotency }: NewJob): Kept | null {
    if (idempotency === null) return null;
    return this.#all().find(({ added }) =>
      added.owner === owner && added.idempotency?.key === idempotency.key
    ) ?? null;
  }
}

function bytesOf(jobs: readonly Pick<Kept, "added">[]): number {
  return jobs.reduce((sum, { added }) => sum + encodeRequest(added.request).length, 0);
}

function tooMany(
  waiting: number,
  own?: { inHand: number; allowed: number; unit?: "bytes" },
): DomainError {
  return new DomainError({
    ...{ code: "too_many_executions", running: 0, waiting, retryAfterSeconds: 1 },
    ...(own && { own }),
  });
}
