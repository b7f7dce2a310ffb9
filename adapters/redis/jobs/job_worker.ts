import { DelayedError, type IRedisClient, type Job as Delivery, Worker } from "bullmq";
import type {
  JobEnd,
  JobInterruption,
  JobWorker,
  RunJob,
} from "../../../domain/ports/job_queue.ts";
import { connectionTo, endedWithin, lastingConnection, pause } from "./connection.ts";
import type { JobRecords, Piece } from "./job_records.ts";

/** What a program writes is sent on this often, or when it is this long. */
const FLUSH_MS = 20;
const FLUSH_LENGTH = 65_536;
const AWAY_MS = 500;
/** How often a worker that closes tries to tell a Redis that is away of an end. */
const LAST_TRIES = 3;
/** What telling Redis of the last ends, and closing, may take: of a frozen one both would wait for ever. */
const CLOSE_MS = 2500;
const LOOK_MS = 20;

/** What a worker works with. */
export interface WorkerParts {
  readonly url: string;
  readonly name: string;
  readonly prefix: string;
  readonly concurrency: number;
  /** How long a worker that says nothing keeps its jobs. */
  readonly lockMs: number;
  readonly records: JobRecords;
  readonly run: RunJob;
}

/** Runs what BullMQ delivers, and knows by the records whether it still is this one's. */
export class BullMqWorker implements JobWorker {
  readonly #parts: WorkerParts;
  readonly #worker: Worker;
  readonly #connections: IRedisClient[] = [];
  readonly #inHand = new Map<string, AbortController>();
  /** Programs that run; what is in hand otherwise waits for Redis. */
  #running = 0;
  #lost = false;
  #closing: Promise<void> | null = null;

  constructor(parts: WorkerParts) {
    const { name, prefix, concurrency, lockMs } = parts;
    this.#parts = parts;
    const connection = lastingConnection(
      connectionTo(parts.url),
      (made) => void this.#connections.push(made),
    );
    this.#worker = new Worker(name, (job, token) => this.#process(job, token ?? ""), {
      ...{ connection, prefix, concurrency, lockDuration: lockMs, stalledInterval: lockMs / 2 },
      // The records count attempts; whatever is not at its end there is delivered again.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
      runRetryDelay: AWAY_MS,
    });
    this.#worker.on("error", () => {});
    this.#worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => this.interrupt(id, "lost")));
  }

  /** Tells a job's run to stop, if it is this one's. */
  interrupt(id: string, why: JobInterruption): void {
    this.#inHand.get(id)?.abort(why);
  }

  stop(): void {
    void this.#worker.pause(true).catch(() => {});
  }

  /** As if it had been killed: what it has in hand is another's. */
  async abandon(): Promise<void> {
    this.#lost = true;
    for (const stop of this.#inHand.values()) stop.abort("lost" satisfies JobInterruption);
    await (this.#closing ??= this.#close(true));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#closing ??= this.#close(false));
  }

  async #close(force: boolean): Promise<void> {
    let closed = false;
    const closing = this.#worker.close(force).catch(() => {}).then(() => void (closed = true));
    while (!closed && !force && this.#running > 0) await pause(LOOK_MS);
    await endedWithin(CLOSE_MS, closing);
    this.#lost = true;
    // BullMQ closes none that it was given, and listens to them no more.
    for (const connection of this.#connections) connection.disconnect();
  }

  async #process(delivery: Delivery, lock: string): Promise<void> {
    const { records } = this.#parts;
    const id = delivery.id ?? "";
    const token = crypto.randomUUID();
    const stop = new AbortController();
    this.#inHand.set(id, stop);
    try {
      if (!await records.take(id, token)) return;
      const end = await this.#run(id, token, stop.signal);
      const delayMs = await this.#settled(id, token, end);
      if (delayMs === null || this.#lost) return;
      await delivery.moveToDelayed(Date.now() + Math.max(1, delayMs), lock);
      throw new DelayedError();
    } finally {
      this.#inHand.delete(id);
    }
  }

  async #run(id: string, token: string, signal: AbortSignal): Promise<JobEnd> {
    const { records, run } = this.#parts;
    const output = new Output((pieces) => records.wrote(id, token, pieces));
    try {
      const found = await records.find(id);
      const request = await records.requestOf(id);
      if (found === null || request === null) throw new Error(`the job '${id}' is gone`);
      // Too late: the connections are closed soon.
      if (this.#closing !== null) return { end: "again", delaySeconds: 0, counted: false };
      const wrote = (...piece: Piece) => output.add(piece);
      return await this.#counted(() => run({ job: found.job, request, signal, wrote }));
    } catch {
      return { end: "again", delaySeconds: 0, counted: true };
    } finally {
      await output.flushed();
    }
  }

  async #counted(run: () => Promise<JobEnd>): Promise<JobEnd> {
    this.#running += 1;
    try {
      return await run();
    } finally {
      this.#running -= 1;
    }
  }

  /** After how many milliseconds it is to be taken again; `null`: it has ended, or is another's. */
  async #settled(id: string, token: string, end: JobEnd): Promise<number | null> {
    const { records } = this.#parts;
    for (let tries = LAST_TRIES; !this.#lost && tries > 0;) {
      try {
        if (end.end === "again") {
          const again = await records.release(id, token, end.counted);
          return again ? end.delaySeconds * 1000 : null;
        }
        const failure = end.end === "dead" ? JSON.stringify(end.failure) : "";
        await records.end(id, token, end.end, failure);
        return null;
      } catch {
        if (this.#closing !== null) tries -= 1;
        await pause(AWAY_MS);
      }
    }
    return null;
  }
}

/** Puts what a program writes together before it is sent. */
class Output {
  readonly #send: (pieces: readonly Piece[]) => Promise<void>;
  #pieces: Piece[] = [];
  #length = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | null = null;

  constructor(send: (pieces: readonly Piece[]) => Promise<void>) {
    this.#send = send;
  }

  add(piece: Piece): void {
    const last = this.#pieces.at(-1);
    if (last?.[0] === piece[0]) {
      this.#pieces[this.#pieces.length - 1] = [last[0], last[1] + piece[1]];
    } else this.#pieces.push(piece);
    this.#length += piece[1].length;
    if (this.#length >= FLUSH_LENGTH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  async flushed(): Promise<void> {
    this.#flush();
    await this.#sending;
  }

  /** One sending at a time: against a Redis that hangs they would become ever more. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => this.#sending = null);
  }

  async #sendAll(): Promise<void> {
    while (this.#pieces.length > 0) {
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#length = 0;
      try {
        await this.#send(pieces);
      } catch {
        // Whoever listens misses what Redis does not take; the record has all of it.
        this.#pieces = [];
        this.#length = 0;
      }
    }
  }
}
