import { Buffer } from "node:buffer";
import { RESP_TYPES } from "redis";
import {
  type Job,
  type JobBytes,
  MAX_JOB_ATTEMPTS,
  type NewJob,
} from "../../../domain/execution/job.ts";
import { decodeRequest, encodeRequest } from "../../../domain/execution/request_bytes.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { Page } from "../../../domain/execution/summary.ts";
import { hiddenName } from "../hidden_name.ts";
import type { RedisScript } from "../script.ts";
import { ADMIT, CONFIRM, LOOK } from "./admission_scripts.ts";
import { type Admission, admissionOf } from "./admission.ts";
import { ANSWER_MS, answered, type Connection, unavailable } from "./connection.ts";
import { newestOf, type Piece } from "./live_output.ts";
import {
  BEGIN,
  CANCEL,
  DEAD,
  END,
  HOLD,
  OPEN,
  RELEASE,
  SWEEP,
  TAKE,
  TOLD,
  WROTE,
} from "./scripts.ts";

/** Bytes of requests that may be on their way to Redis at once: one that hangs must not fill the memory. */
const MOST_SENDING = 64 * 1024 * 1024;

/** A request of so many bytes is only sent after a look whether it would be taken. */
const LOOK_BYTES = 65_536;

/** A job as it stands, with where the events of its present attempt begin. */
export interface FoundJob {
  readonly job: Job;
  readonly from: string;
}

/** What Redis keeps of jobs. Each method is one step, and rejects with `dependency_unavailable`. */
export class JobRecords {
  readonly #client: Connection;
  readonly #prefix: string;
  readonly #ttlMs: number;
  #sending = 0;
  /** What the clock of Redis is ahead of this process' monotonic one, as of its last answer; unknown at first. */
  #aheadMs = -Infinity;

  constructor(client: Connection, prefix: string, ttlSeconds: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#ttlMs = ttlSeconds * 1000;
  }

  /** It is kept for a minute, until it is confirmed. */
  async admit(
    job: NewJob,
    { quota, most, bytes }: {
      readonly quota: number;
      readonly most: number;
      readonly bytes: JobBytes;
    },
  ): Promise<Admission> {
    const { id, owner, idempotency, priority, request } = job;
    const { correlationId, address, trace, createdAt } = job;
    const facts = { correlationId, address, trace, createdAt, language: request.language };
    const key = idempotency === null ? "" : hiddenName("job key", owner, idempotency.key);
    const judged = [key, idempotency?.fingerprint ?? "", String(quota)];
    const body = Buffer.from(encodeRequest(request));
    const bounds = { quota, bytes };
    if (body.length >= LOOK_BYTES) {
      const asked = [id, nameOf(owner), ...judged, String(most)];
      const seen = await answered(() => this.#send(LOOK, body.length, asked));
      const admission = admissionOf(seen as [string, string | number], bounds);
      if (admission.kind !== "added") return admission;
    }
    const values = [id, owner, nameOf(owner), ...judged];
    const numbers = [bytes.own, most, bytes.all, priority].map(String);
    const sent = [...values, ...numbers, JSON.stringify(facts)];
    return admissionOf(await this.#admitInTime(sent, body), bounds);
  }

  /** A second time where the clock of Redis was not known, or has been set. */
  async #admitInTime(values: readonly string[], body: Buffer): Promise<[string, string | number]> {
    for (let last = false;; last = true) {
      const until = Math.max(0, Math.ceil(performance.now() + this.#aheadMs + ANSWER_MS));
      const sent = () => this.#send(ADMIT, body.length, [...values, body, String(until)]);
      const [kind, value, now] = await answered(sent) as [string, string | number, number];
      this.#aheadMs = now - performance.now();
      if (kind !== "late" || last) return [kind, value];
    }
  }

  /** Those whose callers have given up count until the connection is dropped. */
  async #send(
    script: RedisScript,
    bytes: number,
    values: readonly (string | Buffer)[],
  ): Promise<unknown> {
    if (this.#sending > 0 && this.#sending + bytes > MOST_SENDING) {
      throw unavailable("too much waits to be sent to it");
    }
    this.#sending += bytes;
    try {
      return await script.run(this.#client, [], [this.#prefix, ...values]);
    } finally {
      this.#sending -= bytes;
    }
  }

  async ping(): Promise<void> {
    await answered(() => this.#client.ping());
  }

  async confirm(id: string): Promise<void> {
    await this.#run(CONFIRM, [id]);
  }

  async find(id: string): Promise<FoundJob | null> {
    const found = await answered(() => this.#client.hGetAll(`${this.#prefix}job:${id}`));
    return found["id"] === undefined ? null : { job: jobOf(found), from: found["from"] ?? "0-0" };
  }

  /** What a job is to run. @throws {Error} where it has ended. */
  async requestOf(id: string): Promise<ExecutionRequest> {
    const bytes = this.#client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const body = await answered(() => bytes.get(`${this.#prefix}body:${id}`));
    if (body === null) throw new Error(`the request of the job '${id}' is gone`);
    return decodeRequest(new Uint8Array(body as unknown as Buffer));
  }

  /** Whether the job is now the token's. */
  async take(id: string, token: string): Promise<boolean> {
    return await this.#run(TAKE, [id, token, String(MAX_JOB_ATTEMPTS), this.#ttl]) === 1;
  }

  async end(
    id: string,
    token: string,
    state: "done" | "cancelled" | "dead",
    failure: string,
  ): Promise<void> {
    await this.#run(END, [id, token, state, failure, this.#ttl]);
  }

  /** Whether it is to be taken again. */
  async release(id: string, token: string, counted: boolean): Promise<boolean> {
    const most = String(MAX_JOB_ATTEMPTS);
    return await this.#run(RELEASE, [id, token, counted ? "1" : "0", most, this.#ttl]) === 1;
  }

  async cancel(id: string): Promise<void> {
    await this.#run(CANCEL, [id, this.#ttl]);
  }

  /** The program of the token's job begins. Whether the job was told to stop. */
  async begin(id: string, token: string): Promise<boolean> {
    return await this.#run(BEGIN, [id, token]) === 1;
  }

  /** Whether the job was told to stop. */
  async wrote(id: string, token: string, pieces: readonly Piece[]): Promise<boolean> {
    const { omitted, newest } = newestOf(pieces);
    return await this.#run(WROTE, [id, token, String(omitted), ...newest.flat()]) === 1;
  }

  /** Whether the token's job was told to stop. */
  async isTold(id: string, token: string): Promise<boolean> {
    return await this.#run(TOLD, [id, token]) === 1;
  }

  /** Locks the token's job for it again; `false` where it is another's by now. */
  async hold(
    id: string,
    token: string,
    { lock, lockMs, bull }: {
      readonly lock: string;
      readonly lockMs: number;
      readonly bull: string;
    },
  ): Promise<boolean> {
    return await this.#run(HOLD, [id, token, lock, String(lockMs), bull]) === 1;
  }

  /** Jobs that BullMQ has lost; nobody else is told of them within that time. */
  async sweep(
    bull: string,
    everyMs: number,
  ): Promise<readonly { readonly id: string; readonly priority: number }[]> {
    const lost = await this.#run(SWEEP, [bull, String(everyMs)]) as [string, string][];
    return lost.map(([id, priority]) => ({ id, priority: Number(priority) }));
  }

  async dead(limit: number): Promise<readonly Job[]> {
    return jobsOf(await this.#run(DEAD, [String(limit)]));
  }

  /** An owner's that have not ended. */
  async open(owner: string, { limit, before }: Page): Promise<readonly Job[]> {
    return jobsOf(await this.#run(OPEN, [nameOf(owner), before ?? "", String(limit)]));
  }

  get #ttl(): string {
    return String(this.#ttlMs);
  }

  #run(script: RedisScript, values: readonly (string | Buffer)[]): Promise<unknown> {
    return answered(() => script.run(this.#client, [], [this.#prefix, ...values]));
  }
}

/** What stands for an owner. */
function nameOf(owner: string): string {
  return hiddenName("job owner", owner);
}

function jobsOf(found: unknown): Job[] {
  return (found as string[][]).map((flat) => {
    const pairs = flat.flatMap((name, at) => at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : []);
    return jobOf(Object.fromEntries(pairs));
  });
}

/** The job of a hash. @throws {DomainError} `dependency_unavailable` where it is none. */
function jobOf(hash: Readonly<Record<string, string>>): Job {
  const { id, owner, priority, facts, state, attempts, failure, ended_at: endedAt } = hash;
  if (id === undefined || owner === undefined) throw unavailable("a job is not whole");
  try {
    return {
      // First: what they may hold beside their own is nothing that stands for itself.
      ...JSON.parse(facts ?? ""),
      ...{ id, owner, priority: Number(priority) },
      state: state as Job["state"],
      attempts: Number(attempts),
      failure: failure ? JSON.parse(failure) : null,
      endedAt: endedAt ? new Date(Number(endedAt)).toISOString() : null,
    };
  } catch (error) {
    throw unavailable("a job cannot be read", error);
  }
}
