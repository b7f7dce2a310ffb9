import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";

/** How the connections to the database are kept. */
export interface PoolOptions {
  /** Connections at most. */
  readonly size: number;
  /** What a call waits for one at most. */
  readonly acquisitionSeconds: number;
  /** A connection older than this is replaced. */
  readonly lifetimeSeconds: number;
  /** One that nobody has used for longer is asked whether it lives before it is used. */
  readonly keepAliveSeconds: number;
  /** What making one may take. */
  readonly connectSeconds: number;
}

/** How the graph in a Neo4j database is opened. */
export interface Neo4jOptions {
  /** `bolt://HOST:PORT`, `neo4j://HOST:PORT`, or either with `+s` or `+ssc`. */
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly pool: PoolOptions;
  /** How long a write is tried again that has met another in the database's locks. */
  readonly retrySeconds: number;
  readonly log: Log;
  readonly clock: Clock;
}

/** What the pool's connections do. */
export interface PoolState {
  /** Open, as far as is known, and free. */
  readonly idle: number;
  /** Taken by a call, until the database has done with it: one that hangs counts. */
  readonly inUse: number;
}
