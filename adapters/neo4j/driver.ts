import neo4j, { type Driver, type Session } from "neo4j-driver";
import type { LogField } from "../../domain/ports/log.ts";
import type { Neo4jOptions } from "./options.ts";
// What it opens is held to the bounds of an answer.
import "./record_bound.ts";

/** Connections beside the pool's: for asking whether the database is there while all others are taken. */
const SPARE_CONNECTIONS = 2;
/** Connections beside the pool's for what lasts as long as somebody reads from it. */
export const STREAMS = 2;
const CLOSE_MS = 2000;

/** What a session may do: the database holds it to that. */
export type Mode = "read" | "write";

/** How a session is opened. */
export interface SessionOptions {
  readonly mode: Mode;
  /** Rows that the database sends at once. */
  readonly fetchSize?: number;
  /** Points in the database's history that the session must not be behind. */
  readonly bookmarks?: readonly string[];
}

/**
 * The driver, told to try nothing again by itself: under Deno it could not tell what may be, and whoever
 * asked has better means.
 */
export function openDriver({ uri, user, password, pool }: Neo4jOptions): Driver {
  return neo4j.driver(uri, neo4j.auth.basic(user, password), {
    userAgent: "ultimate-mcp",
    telemetryDisabled: true,
    useBigInt: true,
    maxTransactionRetryTime: 0,
    maxConnectionPoolSize: pool.size + SPARE_CONNECTIONS + STREAMS,
    connectionAcquisitionTimeout: Math.max(pool.acquisitionSeconds, pool.connectSeconds) * 1000,
    maxConnectionLifetime: pool.lifetimeSeconds * 1000,
    // Beside TCP's keep-alive, which the driver sets for every connection.
    connectionLivenessCheckTimeout: pool.keepAliveSeconds * 1000,
    connectionTimeout: pool.connectSeconds * 1000,
    notificationFilter: { minimumSeverityLevel: "OFF" },
  });
}

/** Where a database is and how its connections are kept, for the log. */
export function poolFields(
  { uri, database, pool, retrySeconds }: Neo4jOptions,
): Readonly<Record<string, LogField>> {
  return {
    uri,
    database,
    size: pool.size,
    acquisition_seconds: pool.acquisitionSeconds,
    lifetime_seconds: pool.lifetimeSeconds,
    keep_alive_seconds: pool.keepAliveSeconds,
    connect_seconds: pool.connectSeconds,
    retry_seconds: retrySeconds,
  };
}

/** A session with the database. */
export function openSession(
  driver: Driver,
  database: string,
  { mode, fetchSize = 1000, bookmarks = [] }: SessionOptions,
): Session {
  return driver.session({
    database,
    defaultAccessMode: mode === "read" ? neo4j.session.READ : neo4j.session.WRITE,
    fetchSize,
    bookmarks: [...bookmarks],
  });
}

/** Closes a driver, and waits for it only so long: with a frozen database it never settles. */
export async function closeDriver(driver: Driver): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = setTimeout(resolve, CLOSE_MS);
  await Promise.race([driver.close().catch(() => {}), promise]);
  clearTimeout(late);
}
