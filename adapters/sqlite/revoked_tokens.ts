import type { StatementSync } from "node:sqlite";
import type { Clock } from "../../domain/ports/clock.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import { messageOf, unavailable } from "./unavailable.ts";

/** Lapsed rows do no harm; looking for them at every revocation would. */
const FORGET_INTERVAL_MS = 60_000;

// A row without an end keeps none; else the later end wins.
const REVOKE = `INSERT INTO revoked_tokens (id, until) VALUES (?, ?)
  ON CONFLICT (id) DO UPDATE SET until =
    CASE WHEN until IS NULL OR excluded.until IS NULL THEN NULL ELSE max(until, excluded.until) END
  RETURNING until`;
const FORGET = "DELETE FROM revoked_tokens WHERE until <= ?";
const LOAD = "SELECT id, until FROM revoked_tokens";

/** What the revocations are called where they cannot be used. */
const DEPENDENCY = "revoked tokens";

/** Where revocations are kept. */
export interface RevokedTokensOptions extends DatabaseOptions {
  readonly clock: Clock;
}

/** Opens a database for revocations alone. Closing them closes it. @throws {Error} see {@link openFor}. */
export function openRevokedTokens(options: RevokedTokensOptions): SqliteRevokedTokens {
  const keep = (db: Database) => new SqliteRevokedTokens(db, options.clock, { own: true });
  return openFor(DEPENDENCY, options, keep);
}

/**
 * Revocations in the database of the records, read into memory when it is made.
 *
 * Only one process may have them open: what another one adds is not seen. A revocation that was
 * answered survives a `kill -9` of this process, as records do.
 */
export class SqliteRevokedTokens implements RevokedTokens {
  readonly #database: Database;
  readonly #own: boolean;
  readonly #clock: Clock;
  readonly #revoke: StatementSync;
  readonly #forget: StatementSync;
  /** When each lapses, in milliseconds since 1970: the same as stands in the database. */
  readonly #until = new Map<string, number>();
  #forgotAt = -Infinity;
  #closed = false;

  /** `own`: closing the revocations closes the database too. */
  constructor(
    database: Database,
    clock: Clock,
    { own }: { readonly own: boolean } = { own: false },
  ) {
    const { db } = database;
    this.#database = database;
    this.#own = own;
    this.#clock = clock;
    this.#revoke = db.prepare(REVOKE);
    this.#forget = db.prepare(FORGET);
    this.#forgetLapsed();
    for (const row of db.prepare(LOAD).iterate()) this.#remember(row);
  }

  revoke(tokenId: string, until: number | null): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable(DEPENDENCY, "the store is closed"));
    try {
      // The column takes whole numbers alone; no revocation may end sooner than it was asked to.
      const end = until === null ? null : Math.ceil(until);
      // One statement is a transaction by itself, and is committed when it has run.
      for (const row of this.#revoke.all(tokenId, end)) this.#remember({ ...row, id: tokenId });
    } catch (error) {
      return Promise.reject(unavailable(DEPENDENCY, messageOf(error), error));
    }
    this.#forgetLapsedSometimes();
    return Promise.resolve();
  }

  isRevoked(tokenId: string): Promise<boolean> {
    if (this.#closed) return Promise.reject(unavailable(DEPENDENCY, "the store is closed"));
    const until = this.#until.get(tokenId);
    return Promise.resolve(until !== undefined && this.#clock.now() < until);
  }

  isKept(tokenId: string, until: number | null): Promise<boolean> {
    if (this.#closed) return Promise.reject(unavailable(DEPENDENCY, "the store is closed"));
    const end = until ?? Infinity;
    return Promise.resolve(end <= this.#clock.now() || (this.#until.get(tokenId) ?? 0) >= end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#until.clear();
    if (this.#own) await this.#database[Symbol.asyncDispose]();
  }

  #remember(row: Readonly<Record<string, unknown>>): void {
    const { id, until } = row;
    this.#until.set(String(id), until === null ? Infinity : Number(until));
  }

  #forgetLapsedSometimes(): void {
    if (this.#clock.monotonic() < this.#forgotAt + FORGET_INTERVAL_MS) return;
    try {
      this.#forgetLapsed();
    } catch {
      // They are looked for again; the revocation itself is kept.
    }
  }

  #forgetLapsed(): void {
    const now = this.#clock.now();
    this.#forgotAt = this.#clock.monotonic();
    this.#forget.run(now);
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id);
  }
}
