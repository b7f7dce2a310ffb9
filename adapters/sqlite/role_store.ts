import type { DatabaseSync, StatementSync } from "node:sqlite";
import { DomainError } from "../../domain/errors.ts";
import { isRole, type Role } from "../../domain/identity/role.ts";
import type { DecideRoles, RoleStore } from "../../domain/ports/role_store.ts";
import { openDatabase } from "./database.ts";

const FIND = "SELECT roles FROM stored_roles WHERE user_id = ?";
const OTHER_ADMIN = "SELECT 1 FROM stored_roles WHERE admin = 1 AND user_id <> ? LIMIT 1";
const SAVE = `INSERT INTO stored_roles (user_id, roles, admin) VALUES (?, ?, ?)
  ON CONFLICT (user_id) DO UPDATE SET roles = excluded.roles, admin = excluded.admin`;

/** Where the roles are kept. */
export interface RoleStoreOptions {
  /** The database of the records; its file is made when absent. Its directory must exist. */
  readonly path: string;
}

/**
 * Opens the roles in the database of the records, over a connection of their own: a change of roles
 * is a transaction that no batch of records shares. It is in the write-ahead log when it resolves.
 *
 * @throws {Error} "Cannot open the roles ..." when the file is no database, cannot be written, or was
 * made by a newer program.
 */
export function openRoleStore(options: RoleStoreOptions): RoleStore {
  try {
    return new SqliteRoleStore(openDatabase(options.path));
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`Cannot open the roles '${options.path}': ${reason}`, { cause: error });
  }
}

class SqliteRoleStore implements RoleStore {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #otherAdmin: StatementSync;
  readonly #save: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
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

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
    return Promise.resolve();
  }

  #transact(user: string, decide: DecideRoles): readonly Role[] {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const otherAdmin = this.#otherAdmin.get(user) !== undefined;
      const roles = [...decide({ roles: this.#read(user), otherAdmin })];
      this.#save.run(user, JSON.stringify(roles), roles.includes("admin") ? 1 : 0);
      this.#db.exec("COMMIT");
      return roles;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
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
      if (!this.#db.isOpen) throw new Error("the store is closed");
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(error instanceof DomainError ? error : unavailable(error));
    }
  }
}

function unavailable(cause: unknown): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "roles",
    reason: messageOf(cause),
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
