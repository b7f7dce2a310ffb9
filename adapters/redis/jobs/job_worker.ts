import { DelayedError, type IRedisClient, type Job as Delivery } from "bullmq";
import type { Job } from "../../../domain/execution/job.ts";
import type {
  JobEnd,
  JobInterruption,
  JobWorker,
  RunJob,
} from "../../../domain/ports/job_queue.ts";
import { connectionTo, endedWithin, lastingConnection, pause } from "./connection.ts";
import { JobOutput } from "./job_output.ts";
import type { JobRecords } from "./job_records.ts";
import type { Piece } from "./live_output.ts";
import { PatientWorker } from "./patient_worker.ts";

const AWAY_MS = 500;
/** A job that could not be looked at, Redis being away, is taken again after this. */
const UNREAD: JobEnd = { end: "again", delaySeconds: 1, counted: false };
/** One that is taken as its worker closes. */
const UNTOUCHED: JobEnd = { end: "again", delaySeconds: 0, counted: false };
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
  lock: string;
  readonly stop: AbortController;
  readonly gone: PromiseWithResolvers<void>;
}

/** Runs what BullMQ delivers, and knows by the records whether it still is this one's. */
export class BullMqWorker implements JobWorker {
  readonly #parts: WorkerParts;
  readonly #worker: PatientWorker;
  readonly #connections: IRedisClient[] = [];
  readonly #inHand = new Map<string, Hand>();
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
    this.#worker = new PatientWorker(name, (job, token) => this.#process(job, token ?? ""), {
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
    const hand = this.#inHand.get(id);
    if (hand !== undefined) cancel(hand);
  }

  /** Asks for all in hand whether they were told to stop: the word of it may be lost. */
  lookForCancelled(): void {
    for (const hand of this.#inHand.values()) {
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
    for (const { stop } of this.#inHand.values()) stop.abort("lost" satisfies JobInterruption);
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
    for (const { id, token, lock, stop } of this.#inHand.values()) {
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
    const before = this.#inHand.get(id);
    if (before !== undefined) return await this.#waitFor(before, delivery, lock);
    const [token, stop] = [crypto.randomUUID(), new AbortController()];
    const hand = { id, token, lock, stop, gone: Promise.withResolvers<void>() };
    this.#inHand.set(id, hand);
    try {
      if (!await this.#taken(hand)) return;
      const delayMs = await this.#settled(hand, await this.#run(hand));
      if (delayMs === null) return;
      await this.#putOff(delivery, lock, delayMs);
    } finally {
      this.#inHand.delete(id);
      hand.gone.resolve();
    }
  }

  /**
   * This worker had lost the job, and has it again while its run goes on: that run keeps it. BullMQ renews one lock
   * for each job, now this delivery's, and none once the first of them ends; so this one only holds it until then.
   */
  async #waitFor(before: Hand, delivery: Delivery, lock: string): Promise<never> {
    before.lock = lock;
    await before.gone.promise;
    return await this.#putOff(delivery, lock, 0);
  }

  async #putOff(delivery: Delivery, lock: string, milliseconds: number): Promise<never> {
    if (this.#lost) throw new Error("the worker is closed");
    await delivery.moveToDelayed(Date.now() + Math.max(1, milliseconds), lock);
    throw new DelayedError();
  }

  /** Whether the job is the hand's. One that was taken though the answer was lost is given back, uncounted. */
  async #taken(hand: Hand): Promise<boolean> {
    try {
      return await this.#parts.records.take(hand.id, hand.token);
    } catch (error) {
      await this.#settled(hand, UNREAD);
      // BullMQ delivers it again in a moment.
      throw error;
    }
  }

  async #run(hand: Hand): Promise<JobEnd> {
    const { records } = this.#parts;
    const found = await records.find(hand.id).catch(() => null);
    if (found === null) return UNREAD;
    // Too late: the connections are closed soon.
    if (this.#closing !== null) return UNTOUCHED;
    return await this.#runFound(hand, found.job);
  }

  async #runFound(hand: Hand, job: Job): Promise<JobEnd> {
    const { records, run } = this.#parts;
    const { id, token, stop: { signal } } = hand;
    const heard = (isTold: boolean) => isTold ? cancel(hand) : undefined;
    const output = new JobOutput({
      begin: async () => heard(await records.begin(id, token)),
      send: async (pieces) => heard(await records.wrote(id, token, pieces)),
    });
    const request = () => records.requestOf(id);
    const started = () => output.begin();
    const wrote = (...piece: Piece) => output.add(piece);
    try {
      return await this.#counted(() => run({ job, signal, request, started, wrote }));
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
