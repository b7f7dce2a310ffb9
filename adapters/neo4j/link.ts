import type { Driver, Session } from "neo4j-driver";
import { DomainError } from "../../domain/errors.ts";
import { closeDriver, openDriver, openSession, type SessionOptions, STREAMS } from "./driver.ts";
import { type Dependency, hindered, isAnswer, serviceFailure, unavailable } from "./faults.ts";
import { Hold } from "./hold.ts";
import type { Neo4jOptions, PoolState } from "./options.ts";
import { NoPlace, Places, sharesOf, type Use } from "./places.ts";

/** A database that says nothing for so long, asked whether it is there, is taken for frozen. */
const SILENCE_MS = 2000;
/** How often it is asked while calls wait for it. */
const LOOK_MS = 1000;

/** One driver with all that goes when it goes. */
interface Seat {
  readonly driver: Driver;
  readonly places: Places;
  /** Beside those: a stream is as slow as its reader, who may stop reading. */
  readonly streams: Places;
  /** Rejects when the driver is dropped. */
  readonly lost: PromiseWithResolvers<never>;
  beat: Promise<Beat> | null;
}

/** Whether the database has said anything, and what was wrong. */
interface Beat {
  readonly heard: boolean;
  readonly error: DomainError | null;
}

/** How the database is asked for something. */
export interface Asking extends SessionOptions, Use {
  /** From now on, waiting for a connection included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether it goes on though its caller has left. */
  readonly stays?: true;
  /** Whether it lasts as long as somebody reads from it. */
  readonly stream?: true;
  /** What the caller is told when the time is over and the database is there. */
  readonly overdue: () => DomainError;
}

/** What a call does with its session; `left` tells the milliseconds that it still has. */
export type Work<Done> = (session: Session, left: () => number) => Promise<Done>;

/**
 * The way to the database, whatever becomes of it.
 *
 * Nothing that is asked of the driver is waited for without a limit of our own: with a frozen database its
 * promises never settle. While calls wait, the database is asked whether it is there; if it is not, the
 * driver is dropped with all that waits for it, and the next call makes a new one.
 */
export class Link implements AsyncDisposable {
  readonly #options: Neo4jOptions;
  readonly #name: Dependency;
  #seat: Seat | null = null;
  readonly #holds = new Set<Hold>();
  readonly #closings = new Set<Promise<void>>();
  readonly #listeners = new Set<(seconds: number) => void>();
  #look: ReturnType<typeof setInterval> | null = null;
  #heardAt = -Infinity;
  #closed = false;

  /** `name` is what the log and failures call what the database holds. */
  constructor(options: Neo4jOptions, name: Dependency = "graph") {
    this.#options = options;
    this.#name = name;
  }

  /** The database as the settings name it. */
  get database(): string {
    return this.#options.database;
  }

  /** What the pool's connections do. */
  get pool(): PoolState {
    if (this.#seat === null) return { idle: 0, inUse: 0 };
    const { places: { state: places }, streams: { state: streams } } = this.#seat;
    const inUse = places.taken + streams.taken;
    return { idle: places.most + streams.most - inUse, inUse };
  }

  /** `listen` is told, for each call, how long it waited for a connection, in seconds. It must not throw. */
  subscribe(listen: (seconds: number) => void): void {
    this.#listeners.add(listen);
  }

  /** Does one thing in a session of its own. */
  async run<Done>(asking: Asking, work: Work<Done>): Promise<Done> {
    const hold = await this.hold(asking);
    try {
      return await hold.within(work(hold.session, hold.left), hold.left(), asking.overdue);
    } finally {
      hold.close();
    }
  }

  /**
   * Takes a session, which its user must close.
   *
   * @throws {DomainError} `cancelled`, or `dependency_unavailable` when there is no connection to be had.
   */
  async hold(asking: Asking): Promise<Hold> {
    const { signal, timeoutMs, mode } = asking;
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    if (this.#closed) throw this.#unavailable("it is closed");
    const seat = this.#seat ??= this.#newSeat();
    const end = this.#now() + timeoutMs;
    const giveBack = await this.#place(seat, asking);
    const session = openSession(seat.driver, this.#options.database, asking);
    const hold = new Hold({
      session,
      lost: seat.lost.promise,
      signal: asking.stays ? null : signal,
      left: () => Math.max(1, end - this.#now()),
      isThere: async () => (await this.#beatOf(seat)).heard,
      onHeard: () => void (this.#heardAt = this.#now()),
      onEnd: () => this.#ended(hold, giveBack),
      onStuck: () => this.#drop(seat, `a ${mode} did not end`),
    });
    this.#holds.add(hold);
    this.#look ??= setInterval(() => this.#lookAfter(), LOOK_MS);
    return hold;
  }

  /** @throws {DomainError} `dependency_unavailable` when the database does not answer a question now. */
  async ping(): Promise<void> {
    if (this.#closed) throw this.#unavailable("it is closed");
    const { error } = await this.#beatOf(this.#seat ??= this.#newSeat());
    if (error !== null) throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#seat !== null) this.#leave(this.#seat, "it is closed");
    await Promise.all(this.#closings);
    for (const hold of this.#holds) hold.forget();
    if (this.#look !== null) clearInterval(this.#look);
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #newSeat(): Seat {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    return {
      driver: openDriver(this.#options),
      places: new Places(sharesOf(this.#options.pool.size)),
      streams: new Places(sharesOf(STREAMS)),
      lost,
      beat: null,
    };
  }

  async #place(seat: Seat, asking: Asking): Promise<() => void> {
    const { signal, timeoutMs, endless, stream } = asking;
    const begun = this.#now();
    const patienceMs = this.#options.pool.acquisitionSeconds * 1000;
    const places = stream ? seat.streams : seat.places;
    // For what others have planned without end, who waits has all of its time: no setting bounds that.
    const waitMs = endless ? timeoutMs : Math.min(patienceMs, timeoutMs);
    try {
      const giveBack = await places.take(waitMs, signal, asking);
      for (const listen of this.#listeners) listen((this.#now() - begun) / 1000);
      return giveBack;
    } catch (error) {
      if (signal.aborted) throw new DomainError({ code: "cancelled" }, { cause: error });
      if (!(error instanceof NoPlace)) throw error;
      if (!error.isLate) throw this.#unavailable(error.message, error);
      // A caller's own time was over first.
      const isCallers = asking.caller !== undefined;
      if (isCallers && (endless || timeoutMs < patienceMs)) throw asking.overdue();
      throw hindered(error.message, error, this.#name);
    }
  }

  #unavailable(reason: string, cause?: unknown): DomainError {
    return unavailable(reason, cause, this.#name);
  }

  #ended(hold: Hold, giveBack: () => void): void {
    this.#holds.delete(hold);
    giveBack();
    if (this.#holds.size > 0 || this.#look === null) return;
    clearInterval(this.#look);
    this.#look = null;
  }

  /** Asks whether the database is there once nothing has been heard of it for a while. */
  #lookAfter(): void {
    if (this.#seat !== null && this.#now() - this.#heardAt >= LOOK_MS) this.#beatOf(this.#seat);
  }

  #beatOf(seat: Seat): Promise<Beat> {
    return seat.beat ??= this.#beat(seat).finally(() => {
      seat.beat = null;
    });
  }

  async #beat(seat: Seat): Promise<Beat> {
    const session = openSession(seat.driver, this.#options.database, { mode: "read" });
    const { promise, reject } = Promise.withResolvers<never>();
    const silence = `it did not answer within ${SILENCE_MS / 1000} s`;
    const late = setTimeout(() => reject(this.#unavailable(silence)), SILENCE_MS);
    try {
      await Promise.race([session.run("RETURN 1", {}, { timeout: SILENCE_MS }), promise]);
      this.#heardAt = this.#now();
      return { heard: true, error: null };
    } catch (error) {
      const failure = serviceFailure(error, this.#name);
      const heard = isAnswer(error);
      if (!heard) this.#drop(seat, failure.message);
      return { heard, error: failure };
    } finally {
      clearTimeout(late);
      session.close().catch(() => {});
    }
  }

  /** Gives a driver up, with all that waits for it. */
  #drop(seat: Seat, reason: string): void {
    if (this.#seat !== seat) return;
    const inHand = this.#holds.size;
    const event = `${this.#name}_connections_dropped`;
    this.#options.log.write("warn", event, { reason, in_hand: inHand });
    this.#leave(seat, "it did not answer");
  }

  #leave(seat: Seat, reason: string): void {
    this.#seat = null;
    seat.places.close(reason);
    seat.streams.close(reason);
    seat.lost.reject(this.#unavailable(reason));
    const closing = closeDriver(seat.driver).finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
  }
}
