import { Seat, type SeatOptions } from "./seat.ts";
import { Turns } from "./turns.ts";
import { type PoolState, WorkerFault, type WorkerFaultReason } from "./worker_fault.ts";

/** How a pool is made. */
export interface WorkerPoolOptions extends SeatOptions {
  /** What the workers are called in messages. */
  readonly name: string;
  /** Workers at once, from 1. */
  readonly size: number;
  /** What may wait for a worker, beyond what is at work. */
  readonly queue: number;
  /** What one caller may have at work. Default: one less than there are workers, from 1. */
  readonly runningOfOne?: number;
  /** What one caller may have waiting. Default: half of the queue, from 1. */
  readonly waitingOfOne?: number;
  /** Seconds that a worker may take to start. Default: 10. */
  readonly startSeconds?: number;
  /** Seconds after which a worker with nothing to do is ended. Default: 30. */
  readonly idleSeconds?: number;
}

/** How one piece of work is done. */
export interface RunOptions {
  /** Seconds that it may take, from when a worker begins it. */
  readonly timeoutSeconds: number;
  /** Aborted: it is ended, or leaves the queue, and `run` rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** The options with all that is usual. */
type PoolSettings = SeatOptions & Required<Omit<WorkerPoolOptions, keyof SeatOptions>>;

/** What a stage that ends early is told as. */
interface Reasons {
  readonly late: WorkerFaultReason;
  readonly failed: WorkerFaultReason;
}
const START: Reasons = { late: "unavailable", failed: "unavailable" };
const WORK: Reasons = { late: "timeout", failed: "crashed" };

interface Job<Input, Output> extends RunOptions {
  readonly caller: string;
  readonly input: Input;
  readonly settled: PromiseWithResolvers<Output>;
}

/**
 * Work that a caller could make long or large, in processes of its own: neither the event loop nor other
 * callers wait for it. A worker does one piece at a time. One that is over its time, faults, uses up its
 * memory or has grown is killed, and another takes its place once it has ended. Workers are started when
 * there is work, and ended when there has been none for a while: a pool that was not closed does not keep
 * the process alive for longer.
 *
 * They are processes, not threads: Deno does not stop a thread that computes, and a thread that uses up its
 * heap takes the whole process with it.
 */
export class WorkerPool<Input, Output> implements AsyncDisposable {
  readonly #options: PoolSettings;
  readonly #waiting = new Turns<Job<Input, Output>>();
  readonly #busy = new Map<Seat<Input, Output>, Job<Input, Output>>();
  /** Who has nothing to do, with the timer that ends it. */
  readonly #idle = new Map<Seat<Input, Output>, ReturnType<typeof setTimeout>>();
  /** All whose process has not ended. */
  readonly #seats = new Set<Seat<Input, Output>>();
  #replaced = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = {
      runningOfOne: Math.max(1, options.size - 1),
      waitingOfOne: Math.max(1, Math.floor(options.queue / 2)),
      startSeconds: 10,
      idleSeconds: 30,
      ...options,
    };
  }

  /** How full it is now. */
  get state(): PoolState {
    return {
      running: this.#busy.size,
      waiting: this.#waiting.size,
      workers: this.#seats.size,
      replaced: this.#replaced,
    };
  }

  /**
   * Has a worker answer the input, for a caller among whom the workers are shared fairly.
   *
   * @throws {WorkerFault} by its `reason`; rejects with the signal's own once that is aborted.
   */
  async run(caller: string, input: Input, options: RunOptions): Promise<Output> {
    options.signal.throwIfAborted();
    if (this.#closed) throw this.#fault("closed", "the pool is closed");
    const job = { ...options, caller, input, settled: Promise.withResolvers<Output>() };
    if (this.#mayRun(caller)) this.#begin(job);
    else this.#enqueue(job);
    return await job.settled.promise;
  }

  /** Ends all workers; what is at work or waits is told `closed`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const fault = this.#fault("closed", "the pool was closed");
    for (const { settled } of [...this.#waiting.empty(), ...this.#busy.values()]) {
      settled.reject(fault);
    }
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    const seats = [...this.#seats];
    for (const seat of seats) seat.end("the pool was closed");
    await Promise.all(seats.map(({ ended }) => ended));
  }

  #mayRun(caller: string): boolean {
    if (this.#busy.size >= this.#options.size) return false;
    const own = [...this.#busy.values()].filter((job) => job.caller === caller).length;
    return own < this.#options.runningOfOne;
  }

  #enqueue(job: Job<Input, Output>): void {
    const { queue, waitingOfOne } = this.#options;
    const { caller, signal, settled } = job;
    const own = this.#waiting.sizeOf(caller);
    if (this.#waiting.size >= queue || own >= waitingOfOne) {
      throw this.#fault("queue_full", `${this.#waiting.size} wait, ${own} of them the caller's`);
    }
    this.#waiting.add(caller, job);
    signal.addEventListener("abort", () => {
      if (this.#waiting.remove(caller, job)) settled.reject(signal.reason);
    }, { once: true });
  }

  #begin(job: Job<Input, Output>): void {
    try {
      const seat = this.#takeIdle() ?? this.#newSeat();
      this.#busy.set(seat, job);
      this.#work(seat, job);
    } catch (error) {
      job.settled.reject(
        this.#fault("unavailable", `its process cannot be started: ${String(error)}`),
      );
    }
  }

  async #work(seat: Seat<Input, Output>, job: Job<Input, Output>): Promise<void> {
    const settle = await this.#carryOut(seat, job).then(
      (output) => () => job.settled.resolve(output),
      (error) => () => job.settled.reject(error),
    );
    if (seat.isUsable) {
      // Before, so that who has the answer finds the place free.
      this.#vacate(seat);
      return settle();
    }
    settle();
    // The place is taken for as long as the worker uses the machine, and until another can do its work:
    // whoever wears workers out waits for that, and does not take those that are left from others.
    seat.end("it has grown");
    await seat.ended;
    const next = this.#replacement(seat, job);
    await next?.started().catch(() => {});
    this.#vacate(next ?? seat);
  }

  /** Puts another worker in a place; `null`: there is none to be had. */
  #replacement(seat: Seat<Input, Output>, job: Job<Input, Output>): Seat<Input, Output> | null {
    // Where one could not be started it would be tried for ever.
    if (this.#closed || !seat.hasStarted) return null;
    let next: Seat<Input, Output>;
    try {
      next = this.#newSeat();
    } catch {
      // Whoever asks next is told.
      return null;
    }
    this.#replaced += 1;
    this.#busy.delete(seat);
    this.#busy.set(next, job);
    const late = () => next.end("it did not start");
    const timer = setTimeout(late, this.#options.startSeconds * 1000);
    next.started().catch(() => {}).finally(() => clearTimeout(timer));
    return next;
  }

  async #carryOut(seat: Seat<Input, Output>, job: Job<Input, Output>): Promise<Output> {
    const { signal, timeoutSeconds } = job;
    const leave = () => seat.end("its caller has left");
    signal.addEventListener("abort", leave, { once: true });
    try {
      await this.#within(this.#options.startSeconds, seat, START, seat.started());
      return await this.#within(timeoutSeconds, seat, WORK, seat.ask(job.input));
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** Ends the worker where it takes longer, and tells by the reasons which it was. */
  async #within<T>(
    seconds: number,
    seat: Seat<Input, Output>,
    reasons: Reasons,
    work: Promise<T>,
  ): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      seat.end(`it took longer than ${seconds} s`);
    }, seconds * 1000);
    try {
      return await work;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw this.#fault(isLate ? reasons.late : reasons.failed, words);
    } finally {
      clearTimeout(timer);
    }
  }

  #serveWaiting(): void {
    while (true) {
      const job = this.#waiting.next((caller) => this.#mayRun(caller));
      if (job === null) return;
      this.#begin(job);
    }
  }

  #newSeat(): Seat<Input, Output> {
    const seat = new Seat<Input, Output>(this.#options);
    this.#seats.add(seat);
    seat.ended.then(() => this.#seats.delete(seat));
    return seat;
  }

  #takeIdle(): Seat<Input, Output> | null {
    // The one that was last at work: so each caller mostly finds the one that it had.
    for (const [seat, timer] of [...this.#idle].toReversed()) {
      clearTimeout(timer);
      this.#idle.delete(seat);
      if (seat.isUsable) return seat;
    }
    return null;
  }

  /** Gives the place back; the worker waits for more, where it can. */
  #vacate(seat: Seat<Input, Output>): void {
    this.#busy.delete(seat);
    if (this.#closed) return;
    if (seat.isUsable) this.#rest(seat);
    this.#serveWaiting();
  }

  #rest(seat: Seat<Input, Output>): void {
    const end = () => {
      this.#idle.delete(seat);
      seat.end("it has nothing to do");
    };
    this.#idle.set(seat, setTimeout(end, this.#options.idleSeconds * 1000));
  }

  #fault(reason: WorkerFaultReason, words: string): WorkerFault {
    const message = `Cannot have it done by '${this.#options.name}': ${words}`;
    return new WorkerFault(reason, message, this.state);
  }
}
