import { createClient, type RedisClientType } from "redis";

/** A client with the commands of Redis itself, and pushes of invalidated keys as the event `invalidate`. */
export type RedisClient = RedisClientType<
  Record<never, never>,
  Record<never, never>,
  Record<never, never>,
  3
>;

const CONNECT_MS = 500;
/** A connection on which nothing has been heard for so long is replaced; pings keep a good one alive. */
const SILENCE_MS = 1500;
const PING_MS = 500;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 500;
const MOST_WAITING = 10_000;

/**
 * A client that is not connected yet. It fails at once where there is no connection, waits for no command
 * longer than its caller does, and connects again by itself for as long as it stands; `paused` is told how
 * many milliseconds it leaves before each time.
 */
export function createRedisClient(
  url: string,
  paused: (milliseconds: number) => void = () => {},
): RedisClient {
  return createClient({
    url,
    RESP: 3,
    emitInvalidate: true,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    pingInterval: PING_MS,
    maintNotifications: "disabled",
    // It would make a signal for every command; the connection has a deadline of its own.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (tries) => {
        const pause = Math.min(FIRST_RETRY_MS * 2 ** tries, LONGEST_RETRY_MS);
        paused(pause);
        return pause;
      },
    },
  });
}
