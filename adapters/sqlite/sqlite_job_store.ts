import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DomainError } from "../../domain/errors.ts";
import {
  type Job,
  type JobBytes,
  MAX_JOB_ATTEMPTS,
  MOST_JOB_BYTES,
  MOST_OPEN_JOBS,
  type NewJob,
} from "../../domain/execution/job.ts";
import { decodeRequest, encodeRequest } from "../../domain/execution/request_bytes.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { Page } from "../../domain/execution/summary.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { AddedJob } from "../../domain/ports/job_queue.ts";
import type { Database } from "./database.ts";
import { refusalOf } from "./job_quota.ts";
import { JOB_STATEMENTS } from "./job_statements.ts";
import type { JobStore, StoredEnd } from "./job_store.ts";
import { messageOf, unavailable } from "./unavailable.ts";

/** What the queue is called where it cannot be used. */
export const DEPENDENCY = "jobs";

/** Bytes in a piece; SQLite runs on the event loop's own thread, and writing one takes about a millisecond. */
const PIECE_BYTES = 262_144;

// What no job was written for, as it was refused or a kill came in between; and what has ended.
const DELETE_ORPHANS = `DELETE FROM job_pieces
  WHERE body NOT IN (SELECT body FROM jobs WHERE ended_at IS NULL)`;
// Whoever opens the queue owns its data directory alone: what ran has lost its worker.
const LOST = `
  UPDATE jobs SET state = 'cancelled', ended_at = :now WHERE state = 'running' AND stop = 1;
  UPDATE jobs SET state = 'dead', ended_at = :now,
    failure = json_object('code', 'worker_lost', 'attempts', attempts)
    WHERE state = 'running' AND attempts >= ${MAX_JOB_ATTEMPTS};
  UPDATE jobs SET state = 'queued', ready_at = 0 WHERE state = 'running';`;

type Row = Record<string, SQLOutputValue>;
type Statements = Readonly<Record<keyof typeof JOB_STATEMENTS, StatementSync>>;

/** What keeping jobs takes. */
export interface JobStoreOptions {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  /** How long ended jobs are known, in seconds. */
  readonly ttlSeconds: number;
  /** Jobs that have not ended, of all owners. Default: {@link MOST_OPEN_JOBS}. */
  readonly most?: number;
  /** What their requests may take. Default: {@link MOST_JOB_BYTES}. */
  readonly mostBytes?: JobBytes;
}

/** Jobs in SQLite. Opening takes back the jobs of whoever had it open before. */
export class SqliteJobStore implements JobStore {
  readonly #options: JobStoreOptions;
  readonly #do: Statements;
  #lastBody: number;

  constructor(options: JobStoreOptions) {
    const { db } = options.database;
    this.#options = options;
    takeBack(db, options.clock.now());
    const names = Object.keys(JOB_STATEMENTS) as (keyof typeof JOB_STATEMENTS)[];
    this.#do = Object.fromEntries(
      names.map((name) => [name, db.prepare(JOB_STATEMENTS[name])]),
    ) as Statements;
    const last = db.prepare("SELECT coalesce(max(body), 0) AS last FROM jobs").get();
    this.#lastBody = Number(last?.["last"]);
  }

  async add(job: NewJob, quota: number): Promise<AddedJob> {
    // First a look: what is known, or refused, is not to be written for that.
    const bytes = encodeRequest(job.request);
    const judge = () => this.#underKey(job) ?? this.#refusal(job, bytes.length, quota);
    const known = await this.#attempt(judge);
    const added = known ?? await this.#addNew(job, bytes, judge);
    if (added instanceof DomainError) throw added;
    return added;
  }

  async #addNew(
    job: NewJob,
    bytes: Uint8Array,
    judge: () => AddedJob | DomainError | null,
  ): Promise<AddedJob | DomainError> {
    const body = this.#lastBody += 1;
    const remove = () => void this.#do.removePieces.run(body);
    try {
      await this.#writeBody(body, bytes);
      return await this.#write(() => {
        const known = judge();
        if (known !== null) remove();
        else this.#freeKey(job);
        return known ?? { job: this.#insert(job, body, bytes.length), added: true };
      });
    } catch (error) {
      await this.#write(remove).catch(() => {});
      throw error;
    }
  }

  async find(id: string): Promise<Job | null> {
    return await this.#attempt(() => this.#find(id));
  }

  cancel(id: string): Promise<Job | null> {
    return this.#write(() => {
      const job = this.#find(id);
      if (job?.state === "queued") this.#end(id, { state: "cancelled" });
      this.#do.stop.run(id);
      return this.#find(id);
    });
  }

  async dead(limit: number): Promise<readonly Job[]> {
    return await this.#attempt(() => this.#do.dead.all(this.#gone(), limit).map(jobOf));
  }

  async open(owner: string, { limit, before }: Page): Promise<readonly Job[]> {
    const values = { owner: JSON.stringify(owner), limit, before };
    return await this.#attempt(() => this.#do.open.all(values).map(jobOf));
  }

  take(): Promise<Job | null> {
    return this.#write(() => {
      const next = this.#do.next.get(this.#options.clock.now());
      return next === undefined ? null : jobIn(this.#do.take.get(next["id"] ?? null));
    });
  }

  async requestOf(id: string): Promise<ExecutionRequest> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const body = await this.#attempt(() => this.#do.body.get(id)?.["body"] ?? null);
    for (;;) {
      const row = await this.#attempt(() => this.#do.findPiece.get(body, pieces.length));
      if (row === undefined) break;
      pieces.push(row["piece"] as Uint8Array<ArrayBuffer>);
      await nextTurn();
    }
    return decodeRequest(await joined(pieces));
  }

  end(id: string, end: StoredEnd): Promise<void> {
    return this.#write(() => this.#end(id, end));
  }

  release(
    id: string,
    { delaySeconds, counted }: { readonly delaySeconds: number; readonly counted: boolean },
  ): Promise<Job> {
    return this.#write(() => {
      const attempts = this.#find(id)?.attempts ?? 0;
      if (this.#do.stopped.get(id)?.["stop"] === 1) {
        this.#end(id, { state: "cancelled" });
      } else if (counted && attempts >= MAX_JOB_ATTEMPTS) {
        this.#end(id, { state: "dead", failure: { code: "worker_lost", attempts } });
      } else {
        const at = Math.ceil(this.#options.clock.now() + delaySeconds * 1000);
        this.#do.release.run(at, counted ? 0 : 1, id);
      }
      const job = this.#find(id);
      if (job === null) throw new Error(`the job '${id}' is gone`);
      return job;
    });
  }

  nextIn(): number | null {
    const at = this.#do.nextAt.get()?.["at"] ?? null;
    return at === null ? null : Math.max(0, Number(at) - this.#options.clock.now());
  }

  forget(): Promise<void> {
    return this.#write(() => void this.#do.forget.run(this.#gone()));
  }

  #gone(): number {
    return this.#options.clock.now() - this.#options.ttlSeconds * 1000;
  }

  #find(id: string): Job | null {
    return jobIn(this.#do.find.get({ id, gone: this.#gone() }));
  }

  #freeKey({ owner, idempotency }: NewJob): void {
    if (idempotency === null) return;
    this.#do.freeKey.run(JSON.stringify(owner), JSON.stringify(idempotency.key));
  }

  #underKey({ owner, idempotency }: NewJob): AddedJob | DomainError | null {
    if (idempotency === null) return null;
    const { key, fingerprint } = idempotency;
    const place = { owner: JSON.stringify(owner), key: JSON.stringify(key) };
    const row = this.#do.findKey.get({ ...place, gone: this.#gone() });
    if (row === undefined) return null;
    if (row["fingerprint"] === fingerprint) return { job: jobOf(row), added: false };
    return new DomainError({ code: "idempotency_key_reused", key });
  }

  #refusal({ owner }: NewJob, bytes: number, quota: number): DomainError | null {
    const { most = MOST_OPEN_JOBS, mostBytes = MOST_JOB_BYTES } = this.#options;
    const mine = this.#do.inHand.get(JSON.stringify(owner));
    const counted = { mine, all: this.#do.ofAll.get(), byState: this.#do.byState.get() };
    return refusalOf(counted, bytes, { quota, most, mostBytes });
  }

  #insert(
    { id, owner, idempotency, priority, request, ...rest }: NewJob,
    body: number,
    bytes: number,
  ): Job {
    const { correlationId, address, trace, createdAt } = rest;
    const facts = { correlationId, address, trace, createdAt, language: request.language };
    const key = idempotency && JSON.stringify(idempotency.key);
    const fingerprint = idempotency && idempotency.fingerprint;
    const values = [JSON.stringify(owner), key, fingerprint, priority, JSON.stringify(facts)];
    this.#do.insert.run(id, ...values, body, bytes);
    const job = this.#find(id);
    if (job === null) throw new Error(`the job '${id}' was not written`);
    return job;
  }

  #end(id: string, end: StoredEnd): void {
    const failure = end.state === "dead" ? JSON.stringify(end.failure) : null;
    this.#do.removePieces.run(this.#do.body.get(id)?.["body"] ?? null);
    this.#do.end.run(end.state, failure, this.#options.clock.now(), id);
  }

  async #writeBody(body: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (at > 0) await nextTurn();
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      await this.#attempt(() => void this.#do.insertPiece.run(body, at / PIECE_BYTES, piece));
    }
  }

  /** Rejects with what the transaction was refused for. */
  async #write<T>(work: () => T): Promise<T> {
    const done: T[] = [];
    await this.#attempt(() =>
      this.#options.database.writer.write({
        dependency: DEPENDENCY,
        length: 1000,
        run: () => void done.push(work()),
      })
    );
    return done[0] as T;
  }

  async #attempt<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw unavailable(DEPENDENCY, messageOf(error), error);
    }
  }
}

function takeBack(db: DatabaseSync, now: number): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(LOST.replaceAll(":now", String(Math.trunc(now))));
    db.exec(DELETE_ORPHANS);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function jobIn(row: Row | undefined): Job | null {
  return row === undefined ? null : jobOf(row);
}

function jobOf(row: Row): Job {
  const failure = row["failure"] ?? null;
  const endedAt = row["ended_at"] ?? null;
  return {
    id: String(row["id"]),
    owner: JSON.parse(String(row["owner"])),
    priority: Number(row["priority"]),
    ...JSON.parse(String(row["facts"])),
    state: String(row["state"]) as Job["state"],
    attempts: Number(row["attempts"]),
    failure: failure === null ? null : JSON.parse(String(failure)),
    endedAt: endedAt === null ? null : new Date(Number(endedAt)).toISOString(),
  };
}

async function joined(pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const [only = new Uint8Array()] = pieces;
  return pieces.length <= 1 ? only : new Uint8Array(await new Blob([...pieces]).arrayBuffer());
}
