import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";
import { openDatabase } from "./database.ts";

/** Lapsed rows do no harm; looking for them at every revocation would. */
const FORGET_INTERVAL_MS = 60_000;

// A row without an end keeps none; else the later end wins.
const REVOKE = `INSERT INTO revoked_tokens (id, until) VALUES (?, ?)
  ON CONFLICT (id) DO UPDATE SET until =
    CASE WHEN until IS NULL OR excluded.until IS NULL THEN NULL ELSE max(until, excluded.until) END
  RETURNING until`;
const FORGET = "DELETE FROM revoked_tokens WHERE until <= ?";
const LOAD = "SELECT id, until FROM revoked_tokens";

/** Where revocations are kept. */
export interface RevokedTokensOptions {
  /** The database file of the records; made when absent. Its directory must exist. */
  readonly path: string;
  readonly clock: Clock;
}

/**
 * Opens the revocations in the database of records, and reads them into memory.
 *
 * Only one process may have them open: what another one adds is not seen. A revocation that was
 * answered survives a `kill -9` of this process, as records do.
 *
 * @throws {Error} "Cannot open the revoked tokens ..." as for the records.
 */
export function openRevokedTokens({ path, clock }: RevokedTokensOptions): SqliteRevokedTokens {
  try {
    return new SqliteRevokedTokens(openDatabase(path), clock);
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`Cannot open the revoked tokens '${path}': ${reason}`, { cause: error });
  }
}

/** Revocations in SQLite; see {@link openRevokedTokens}. */
export class SqliteRevokedTokens implements RevokedTokens {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #revoke: StatementSync;
  readonly #forget: StatementSync;
  /** When each lapses, in milliseconds since 1970: the same as stands in the database. */
  readonly #until = new Map<string, number>();
  #forgotAt = -Infinity;
  #closed = false;

  /** Takes the database over: closing the revocations closes it. */
  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#revoke = db.prepare(REVOKE);
    this.#forget = db.prepare(FORGET);
    this.#forgetLapsed();
    for (const row of db.prepare(LOAD).iterate()) this.#remember(row);
  }

  revoke(tokenId: string, until: number | null): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable("the store is closed"));
    try {
      // One statement is a transaction by itself, and is committed when it has run.
      for (const row of this.#revoke.all(tokenId, until)) this.#remember({ ...row, id: tokenId });
    } catch (error) {
      return Promise.reject(unavailable(messageOf(error), error));
    }
    this.#forgetLapsedSometimes();
    return Promise.resolve();
  }

  isRevoked(tokenId: string): Promise<boolean> {
    if (this.#closed) return Promise.reject(unavailable("the store is closed"));
    const until = this.#until.get(tokenId);
    return Promise.resolve(until !== undefined && this.#clock.now() < until);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.#db.close();
    this.#closed = true;
    this.#until.clear();
    return Promise.resolve();
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

function unavailable(reason: string, cause?: unknown): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "revoked tokens",
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
