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

/** A job that a worker has. */
interface Hand {
  readonly id: string;
  /** What it is the worker's by, in the records and with BullMQ. */
  readonly token: string;
  readonly lock: string;
  readonly stop: AbortController;
}

/** Runs what BullMQ delivers, and knows by the records whether it still is this one's. */
export class BullMqWorker implements JobWorker {
  readonly #parts: WorkerParts;
  readonly #worker: Worker;
  readonly #connections: IRedisClient[] = [];
  /** One job twice, where this worker lost it and took it again. */
  readonly #inHand = new Set<Hand>();
  /** Programs that run; what is in hand otherwise waits for Redis. */
  #running = 0;
  #lost = false;
  #closing: Promise<void> | null = null;

  constructor(parts: WorkerParts) {
    const { name, prefix, concurrency, lockMs } = parts;
    this.#parts = parts;
    const connection = lastingConnection(connectionTo(parts.url), {
      made: (it) => void this.#connections.push(it),
    });
    this.#worker = new Worker(name, (job, token) => this.#process(job, token ?? ""), {
      ...{ connection, prefix, concurrency, lockDuration: lockMs, stalledInterval: lockMs / 2 },
      // The records count attempts; whatever is not at its end there is delivered again.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
      runRetryDelay: AWAY_MS,
    });
    this.#worker.on("error", () => {});
    this.#worker.on("lockRenewalFailed", (ids) => this.#holdAgain(ids));
  }

  /** Tells a job's run to stop, if it is this one's. */
  cancelled(id: string): void {
    for (const hand of this.#inHand) if (hand.id === id) cancel(hand);
  }

  /** Asks for all in hand whether they were told to stop: the word of it may be lost. */
  lookForCancelled(): void {
    for (const hand of this.#inHand) {
      this.#parts.records.isTold(hand.id, hand.token).then(
        (isTold) => isTold ? cancel(hand) : undefined,
        // Asked again with the next connection.
        () => {},
      );
    }
  }

  stop(): void {
    void this.#worker.pause(true).catch(() => {});
  }

  /** As if it had been killed: what it has in hand is another's. */
  async abandon(): Promise<void> {
    this.#lost = true;
    for (const { stop } of this.#inHand) stop.abort("lost" satisfies JobInterruption);
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

  /** A lock that has lapsed says that Redis was away; only the records say that another has the job. */
  #holdAgain(ids: readonly string[]): void {
    const { records, lockMs, prefix, name } = this.#parts;
    if (this.#lost) return;
    for (const { id, token, lock, stop } of this.#inHand) {
      if (!ids.includes(id)) continue;
      records.hold(id, token, { lock, lockMs, bull: `${prefix}:${name}:` }).then(
        (isHeld) => isHeld ? undefined : stop.abort("lost" satisfies JobInterruption),
        // The next renewal fails, too.
        () => {},
      );
    }
  }

  async #process(delivery: Delivery, lock: string): Promise<void> {
    const id = delivery.id ?? "";
    const hand = { id, token: crypto.randomUUID(), lock, stop: new AbortController() };
    this.#inHand.add(hand);
    try {
      if (!await this.#parts.records.take(id, hand.token)) return;
      const delayMs = await this.#settled(hand, await this.#run(hand));
      if (delayMs === null) return;
      if (this.#lost) throw new Error("the worker is closed");
      await delivery.moveToDelayed(Date.now() + Math.max(1, delayMs), lock);
      throw new DelayedError();
    } finally {
      this.#inHand.delete(hand);
    }
  }

  async #run(hand: Hand): Promise<JobEnd> {
    const { records, run } = this.#parts;
    const { id, token, stop: { signal } } = hand;
    const output = new Output(async (pieces) => {
      if (await records.wrote(id, token, pieces)) cancel(hand);
    });
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

  /**
   * After how many milliseconds it is to be taken again; `null`: it has ended, or is another's. Rejects where that
   * could not be told to Redis: then its delivery must stay, for it has no end yet.
   */
  async #settled({ id, token }: Hand, end: JobEnd): Promise<number | null> {
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
    throw new Error("its end could not be told");
  }
}

function cancel({ stop }: Hand): void {
  stop.abort("cancelled" satisfies JobInterruption);
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
