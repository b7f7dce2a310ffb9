import { createNodeRedisClient, type IRedisClient } from "bullmq";
import { createClient } from "redis";
import { DomainError } from "../../../domain/errors.ts";

/** A Redis that is gone is known at once, one that hangs after this many milliseconds. */
export const ANSWER_MS = 2000;
const ASK_AGAIN_MS = 200;
/**
 * A connection that leaves so many beats unanswered is dropped for another. No sooner than nobody waits any more:
 * what is refused for that could still come in.
 */
const BEAT_MS = 500;
const MOST_UNANSWERED = 4;
/** How long a connection is silent while it is made, and how long while it waits for jobs as it should. */
const SILENCE_MS = 2500;
const BLOCKED_SILENCE_MS = 12_000;
const BLOCKED_PING_MS = 5000;
/** Commands that wait for Redis at most. */
const MOST_WAITING = 10_000;

/** A connection to Redis. */
export type Connection = ReturnType<typeof open>;

/** A connection that makes itself anew for as long as it is open; not connected yet. */
export function connectionTo(url: string): Connection {
  const client = open(url, { socketTimeout: SILENCE_MS });
  // Each call tells for itself what is wrong.
  client.on("error", () => {});
  // BullMQ makes of it what it blocks on, which answers no pings meanwhile.
  const silence = { socketTimeout: BLOCKED_SILENCE_MS, pingInterval: BLOCKED_PING_MS };
  Object.assign(client, { duplicate: () => open(url, silence) });
  dropWhenSilent(client);
  return client;
}

function open(
  url: string,
  { socketTimeout, pingInterval = 0 }: {
    readonly socketTimeout: number;
    readonly pingInterval?: number;
  },
) {
  return createClient({
    url,
    pingInterval,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    socket: {
      connectTimeout: 500,
      socketTimeout,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, 500),
    },
  });
}

/**
 * Replaces a connection that nothing comes back on, and with it what it had yet to send. The client's own deadline
 * is put off by whatever is sent, so that it never comes while there are callers.
 */
function dropWhenSilent(client: Connection): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  let unanswered = 0;
  let dropping = false;
  const drop = () => {
    dropping = true;
    client.destroy();
    dropping = false;
    client.connect().catch(() => {});
  };
  const beat = () => {
    if (!client.isReady) unanswered = 0;
    else if (unanswered === 0) {
      unanswered = 1;
      client.ping().catch(() => {}).finally(() => unanswered = 0);
    } else if (++unanswered > MOST_UNANSWERED) drop();
  };
  client.on("ready", () => {
    unanswered = 0;
    timer ??= setInterval(beat, BEAT_MS);
  });
  client.on("end", () => {
    if (dropping) return;
    clearInterval(timer);
    timer = undefined;
  });
}

/** What hears of a connection that BullMQ takes. */
export interface ConnectionHearer {
  /** It was made, or BullMQ has made another of it. */
  readonly made?: (connection: IRedisClient) => void;
  /** What Redis does where it is full (`maxmemory-policy`). */
  readonly policy?: (name: string) => void;
}

/** A line of `INFO`, of which BullMQ would write to the console. */
const POLICY = /^maxmemory_policy:(\S*)\r?\n/m;

/**
 * A connection as BullMQ takes it.
 *
 * BullMQ asks once what Redis it has (`INFO`). Where that fails, what it was asked for never works again; so
 * it is asked here until there is an answer, on whichever connection.
 */
export function lastingConnection(
  client: Connection,
  hearer: ConnectionHearer = {},
): IRedisClient {
  return lasting(createNodeRedisClient(client), hearer);
}

function lasting(connection: IRedisClient, hearer: ConnectionHearer): IRedisClient {
  // Without a listener its errors would end the process.
  connection.on("error", () => {});
  const [info, duplicate] = [
    connection.info.bind(connection),
    connection.duplicate.bind(connection),
  ];
  connection.info = async () => {
    for (;;) {
      try {
        const said = await answered(info);
        const [, policy] = POLICY.exec(said) ?? [];
        if (policy !== undefined) hearer.policy?.(policy);
        return said.replace(POLICY, "");
      } catch (error) {
        if (connection.status === "end") throw error;
      }
      await pause(ASK_AGAIN_MS);
    }
  };
  connection.duplicate = (...options) => lasting(duplicate(...options), hearer);
  hearer.made?.(connection);
  return connection;
}

/** Resolves so many milliseconds later. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The answer of Redis, or `dependency_unavailable`. */
export async function answered<T>(work: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it does not answer")), ANSWER_MS);
  try {
    return await Promise.race([work(), late.promise]);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw unavailable(error instanceof Error ? error.message : String(error), error);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the work has ended, however it did, and after so many milliseconds at the latest. */
export async function endedWithin(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, milliseconds);
  await Promise.race([work.catch(() => {}), late.promise]);
  clearTimeout(timer);
}

/** A queue that cannot be used now. */
export function unavailable(reason: string, cause?: unknown): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "jobs",
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}
