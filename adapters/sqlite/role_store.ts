import type { StatementSync } from "node:sqlite";
import { DomainError } from "../../domain/errors.ts";
import { isRole, type Role } from "../../domain/identity/role.ts";
import type { DecideRoles, RoleStore } from "../../domain/ports/role_store.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const FIND = "SELECT roles FROM stored_roles WHERE user_id = ?";
const OTHER_ADMIN = "SELECT 1 FROM stored_roles WHERE admin = 1 AND user_id <> ? LIMIT 1";
const SAVE = `INSERT INTO stored_roles (user_id, roles, admin) VALUES (?, ?, ?)
  ON CONFLICT (user_id) DO UPDATE SET roles = excluded.roles, admin = excluded.admin`;

const USERS = "SELECT user_id FROM stored_roles";
const DROP = "DELETE FROM stored_roles WHERE user_id = ?";

/** What the roles are called where they cannot be used. */
const DEPENDENCY = "roles";

/** Opens a database for roles alone. Closing the roles closes it. @throws {Error} see {@link openFor}. */
export function openRoleStore(options: DatabaseOptions): SqliteRoleStore {
  return openFor(DEPENDENCY, options, (db) => new SqliteRoleStore(db, { own: true }));
}

/**
 * Roles in the database of the records. A change of roles is a transaction that no batch of the writer
 * shares, within one turn of the event loop; it is in the write-ahead log when it resolves.
 */
export class SqliteRoleStore implements RoleStore {
  readonly #database: Database;
  readonly #own: boolean;
  readonly #find: StatementSync;
  readonly #otherAdmin: StatementSync;
  readonly #save: StatementSync;
  #closed = false;

  /** `own`: closing the roles closes the database too. */
  constructor(database: Database, { own }: { readonly own: boolean } = { own: false }) {
    const { db } = database;
    this.#database = database;
    this.#own = own;
    this.#find = db.prepare(FIND);
    this.#otherAdmin = db.prepare(OTHER_ADMIN);
    this.#save = db.prepare(SAVE);
  }

  async rolesOf(user: string): Promise<readonly Role[] | null> {
    return await this.#attempt(() => this.#read(user));
  }

  async change(user: string, decide: DecideRoles): Promise<readonly Role[]> {
    return await this.#attempt(() => this.#transact(user, decide));
  }

  /** Drops what is stored for all other users. */
  async keepOnly(users: ReadonlySet<string>): Promise<void> {
    await this.#attempt(() => this.#dropOthers(users));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#own) await this.#database[Symbol.asyncDispose]();
  }

  #transact(user: string, decide: DecideRoles): readonly Role[] {
    const { db } = this.#database;
    db.exec("BEGIN IMMEDIATE");
    try {
      const otherAdmin = this.#otherAdmin.get(user) !== undefined;
      const roles = [...decide({ roles: this.#read(user), otherAdmin })];
      this.#save.run(user, JSON.stringify(roles), roles.includes("admin") ? 1 : 0);
      db.exec("COMMIT");
      return roles;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  #dropOthers(users: ReadonlySet<string>): void {
    const { db } = this.#database;
    // Half a character stands in the table as a whole one that says so.
    const kept = new Set([...users].map((user) => user.toWellFormed()));
    const drop = db.prepare(DROP);
    db.exec("BEGIN IMMEDIATE");
    try {
      for (const row of db.prepare(USERS).all()) {
        const user = String(row["user_id"]);
        if (!kept.has(user)) drop.run(user);
      }
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  #read(user: string): readonly Role[] | null {
    const row = this.#find.get(user);
    if (row === undefined) return null;
    const names: unknown = JSON.parse(String(row["roles"]));
    return Array.isArray(names) ? names.filter(isRole) : [];
  }

  #attempt<T>(work: () => T): Promise<T> {
    try {
      if (this.#closed) throw new Error("the store is closed");
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(
        error instanceof DomainError ? error : unavailable(DEPENDENCY, messageOf(error), error),
      );
    }
  }
}
