import { Buffer } from "node:buffer";
import { RESP_TYPES } from "redis";
import { DomainError } from "../../../domain/errors.ts";
import { type Job, MAX_JOB_ATTEMPTS, type NewJob } from "../../../domain/execution/job.ts";
import { decodeRequest, encodeRequest } from "../../../domain/execution/request_bytes.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { RedisScript } from "../script.ts";
import { answered, type Connection, unavailable } from "./connection.ts";
import { ADMIT, CANCEL, CONFIRM, DEAD, END, RELEASE, TAKE, WROTE } from "./scripts.ts";

/** How a job came in. */
export type Admission =
  | { readonly kind: "added" }
  | { readonly kind: "known"; readonly id: string }
  | { readonly kind: "reused" }
  | { readonly kind: "full"; readonly inHand: number };

/** A job as it stands, with where the events of its present attempt begin. */
export interface FoundJob {
  readonly job: Job;
  readonly from: string;
}

/** What a program wrote. */
export type Piece = readonly [stream: "stdout" | "stderr", text: string];

/** What Redis keeps of jobs. Each method is one step, and rejects with `dependency_unavailable`. */
export class JobRecords {
  readonly #client: Connection;
  readonly #prefix: string;
  readonly #ttlMs: number;

  constructor(client: Connection, prefix: string, ttlSeconds: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#ttlMs = ttlSeconds * 1000;
  }

  /** It is kept for a minute, until it is confirmed. */
  async admit(job: NewJob, quota: number): Promise<Admission> {
    const { id, owner, idempotency, priority, request } = job;
    const { correlationId, address, createdAt } = job;
    const facts = { correlationId, address, createdAt, language: request.language };
    const key = idempotency === null ? "" : JSON.stringify([owner, idempotency.key]);
    const [kind, value] = await this.#run(ADMIT, [
      ...[id, owner, key, idempotency?.fingerprint ?? "", String(quota), String(priority)],
      JSON.stringify(facts),
      Buffer.from(encodeRequest(request)),
    ]) as [string, string | number | undefined];
    if (kind === "known") return { kind, id: String(value) };
    if (kind === "full") return { kind, inHand: Number(value) };
    return kind === "reused" ? { kind } : { kind: "added" };
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

  /** What a job is to run; `null` where it has ended. */
  async requestOf(id: string): Promise<ExecutionRequest | null> {
    const bytes = this.#client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const body = await answered(() => bytes.get(`${this.#prefix}body:${id}`));
    return body === null ? null : decodeRequest(new Uint8Array(body as unknown as Buffer));
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

  async wrote(id: string, token: string, pieces: readonly Piece[]): Promise<void> {
    await this.#run(WROTE, [id, token, ...pieces.flat()]);
  }

  async dead(limit: number): Promise<readonly Job[]> {
    const found = await this.#run(DEAD, [String(limit)]) as string[][];
    return found.map((flat) => {
      const pairs = flat.flatMap((name, at) => at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : []);
      return jobOf(Object.fromEntries(pairs));
    });
  }

  get #ttl(): string {
    return String(this.#ttlMs);
  }

  #run(script: RedisScript, values: readonly (string | Buffer)[]): Promise<unknown> {
    return answered(() => script.run(this.#client, [], [this.#prefix, ...values]));
  }
}

/** @throws {DomainError} what a refused admission is answered with. */
export function refuse(
  admission: Exclude<Admission, { kind: "added" | "known" }>,
  { idempotency }: NewJob,
  quota: number,
  counts: { readonly running: number; readonly waiting: number },
): never {
  if (admission.kind === "reused") {
    throw new DomainError({ code: "idempotency_key_reused", key: idempotency?.key ?? "" });
  }
  throw new DomainError({
    code: "too_many_executions",
    ...counts,
    own: { inHand: admission.inHand, allowed: quota },
    retryAfterSeconds: 1,
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
