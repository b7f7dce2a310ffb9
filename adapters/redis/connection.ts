import type { Log } from "../../domain/ports/log.ts";
import type { CircuitBreaker } from "../../domain/resilience/circuit_breaker.ts";
import { createRedisClient, type RedisClient } from "./client.ts";
import { Deadlines } from "./deadlines.ts";
import { redisFailure, redisUnavailable } from "./faults.ts";

/** What a connection to Redis is made of. */
export interface RedisConnectionOptions {
  /** `redis://` or `rediss://`, with whatever password there is. */
  readonly url: string;
  /**
   * Keeps callers from a Redis that fails, by {@link REDIS_POLICY} and `redisVerdict`. The connection's own
   * pings are its probes: no caller waits for one.
   */
  readonly breaker: CircuitBreaker;
  readonly log: Log;
  /** What a caller waits for one command, in milliseconds; {@link DEADLINE_MS} unless said otherwise. */
  readonly deadlineMs?: number;
}

/** Whoever keeps something that rests on one connection and has to be set up on the next. */
export interface RedisSession {
  /** A new connection stands. Nothing else goes over it until this resolves; rejected, it is done again. */
  begin(client: RedisClient): Promise<void>;
  /** The connection is lost. Must not throw. */
  end(): void;
}

/** What a caller waits for one command unless something else is said, in milliseconds. */
export const DEADLINE_MS = 50;
/** When the breaker before Redis opens, and how soon it tries again. */
export const REDIS_POLICY = {
  failureThreshold: 3,
  timeoutSeconds: 0.5,
  halfOpenMaxCalls: 1,
} as const;

const BEAT_MS = 200;
/** Setting up is several commands; nobody waits for it. */
const BEGIN_MS = 500;
const PAUSE_SLACK_MS = 10;
/** What a start waits for the first connection. */
const START_MS = 1000;

/**
 * One connection to Redis, which fails within milliseconds and heals by itself.
 *
 * Each command has a deadline; a breaker stands before it; nothing is queued while there is no connection.
 * The connection is pinged all the while, so that mostly the pings and not the callers find out that Redis
 * is away, and that it is back. What rests on the connection, such as tracking, is set up by a
 * {@link RedisSession} anew each time.
 */
export class RedisConnection implements AsyncDisposable {
  readonly #options: Required<RedisConnectionOptions>;
  readonly #client: RedisClient;
  readonly #sessions: RedisSession[] = [];
  readonly #deadlines: Deadlines;
  readonly #beginnings = new Deadlines(BEGIN_MS);
  readonly #first = Promise.withResolvers<void>();
  /** Set up, and not lost since. */
  #stands = false;
  /** Whether the log has why there is no connection. */
  #isToldAway = false;
  #beating = false;
  /** When the client tries to connect again, by the monotonic clock. */
  #pausedUntil = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: RedisConnectionOptions) {
    this.#options = { deadlineMs: DEADLINE_MS, ...options };
    this.#deadlines = new Deadlines(this.#options.deadlineMs);
    this.#client = createRedisClient(options.url, (pause) => {
      this.#pausedUntil = performance.now() + pause;
    });
    this.#client.on("ready", () => void this.#beat());
    this.#client.on("reconnecting", () => this.#lose());
    this.#client.on("end", () => this.#lose());
    this.#client.on("error", (error: unknown) => this.#heard(error));
  }

  /** Whether calls go through just now. */
  get isReady(): boolean {
    const { state } = this.#options.breaker;
    return this.#stands && (state === "closed" || state === "disabled");
  }

  /** Has something set up on every connection from the next on: call it before {@link start}. */
  keep(session: RedisSession): void {
    this.#sessions.push(session);
  }

  /** Begins to connect; resolves once the connection stands, or a second later without it. Never rejects. */
  async start(): Promise<void> {
    this.#client.connect().catch(() => {});
    const late = setTimeout(() => this.#first.resolve(), START_MS);
    await this.#first.promise;
    clearTimeout(late);
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS);
    Deno.unrefTimer(this.#timer);
  }

  /**
   * Does some commands at once, under one deadline.
   *
   * @throws {DomainError} `dependency_unavailable`, also where Redis refuses the command (then it is the
   * error's cause); `circuit_open`.
   */
  async run<Done>(work: (client: RedisClient) => Promise<Done>): Promise<Done> {
    const { breaker } = this.#options;
    breaker.requireClosed();
    return await breaker.call(() => this.#inTime(work));
  }

  /** Whether Redis answers now, however the breaker stands. @throws {DomainError} `dependency_unavailable`. */
  async ping(): Promise<void> {
    await this.#inTime((client) => client.ping());
  }

  /** Has the sessions end, and begin again with the next ping. */
  beginAnew(): void {
    this.#lose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#client.destroy();
    this.#deadlines[Symbol.dispose]();
    this.#beginnings[Symbol.dispose]();
    // The socket closes after that, and the client, which sleeps its pause out, has begun it a little later.
    const rest = Math.max(0, this.#pausedUntil + PAUSE_SLACK_MS - performance.now());
    await new Promise((resolve) => setTimeout(resolve, rest));
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      await this.#options.breaker.call(() => this.#stands ? this.ping() : this.#begin());
    } catch {
      // The breaker has counted it, and tells whoever wants to know.
    } finally {
      this.#beating = false;
    }
  }

  async #begin(): Promise<void> {
    if (!this.#client.isReady) throw redisUnavailable("there is no connection to it");
    let lost = false;
    const unlisten = this.#onceLost(() => lost = true);
    try {
      await this.#beginnings.meet(this.#beginSessions());
    } finally {
      unlisten();
    }
    if (lost) throw redisUnavailable("the connection was lost while it was set up");
    this.#stands = true;
    this.#isToldAway = false;
    this.#options.log.write("info", "redis_connected", {});
    this.#first.resolve();
  }

  async #beginSessions(): Promise<void> {
    for (const session of this.#sessions) await session.begin(this.#client);
  }

  #inTime<Done>(work: (client: RedisClient) => Promise<Done>): Promise<Done> {
    if (this.#stands) return this.#deadlines.meet(work(this.#client));
    return Promise.reject(redisUnavailable("there is no connection to it"));
  }

  #onceLost(listener: () => void): () => void {
    this.#client.once("reconnecting", listener);
    return () => void this.#client.off("reconnecting", listener);
  }

  #lose(): void {
    if (!this.#stands) return;
    this.#stands = false;
    for (const session of this.#sessions) session.end();
  }

  #heard(error: unknown): void {
    if (this.#isToldAway) return;
    this.#isToldAway = true;
    this.#options.log.write("warn", "redis_lost", { reason: redisFailure(error).message });
  }
}
