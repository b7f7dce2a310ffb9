import type { Role } from "../../../domain/identity/role.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { Notes } from "../../../domain/ports/outbox.ts";
import type { DecideRoles, RoleStore } from "../../../domain/ports/role_store.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";
import { Repeated } from "./repeated.ts";
import type { Neo4jRoleStore } from "./role_store.ts";

/** Names the database that there is a whole copy of; empty: of none. */
const NOTE = "roles_copied";

/** Where an instance has its copy. */
export interface RolesCopy extends RoleStore {
  /** Drops what is stored for all other users. */
  keepOnly(users: ReadonlySet<string>): Promise<void>;
}

/** What a copy is of, and where it stands. */
export interface MirroredRolesParts {
  readonly database: Pick<RecordsDatabase, "id" | "ready">;
  readonly store: Neo4jRoleStore;
  /** Durable, and of this instance alone. */
  readonly copy: RolesCopy;
  readonly notes: Notes;
  readonly log: Log;
  readonly everyMs: number;
}

/**
 * Roles of a shared store, read from a copy of all of them: every request asks, also while the store is
 * away. What another instance has changed is seen by the next copying, if the store is there; a change
 * is made in the store or not at all. Until there has been a whole copy of this very database, the store
 * itself is asked.
 */
export class MirroredRoles implements RoleStore {
  readonly #parts: MirroredRolesParts;
  readonly #copying: Repeated;
  /** Changes of this instance: what was read before the last of them may be old. */
  #changes = 0;
  #closed = false;

  constructor(parts: MirroredRolesParts) {
    this.#parts = parts;
    const { log, everyMs } = parts;
    this.#copying = new Repeated({ name: "roles", log, everyMs, work: () => this.#copyAll() });
  }

  /** Resolves when what the store had at the start is copied, or could not be read. */
  get copied(): Promise<void> {
    return this.#copying.going;
  }

  async rolesOf(user: string): Promise<readonly Role[] | null> {
    if (this.#closed) throw closedStore();
    const { copy, database, notes, store } = this.#parts;
    if (notes.read(NOTE)) return await copy.rolesOf(user);
    // What stands in the graph's own database, whoever may write to that has given himself.
    await database.ready();
    return await store.rolesOf(user);
  }

  async change(user: string, decide: DecideRoles): Promise<readonly Role[]> {
    if (this.#closed) throw closedStore();
    const roles = await this.#parts.store.change(user, decide);
    this.#changes += 1;
    await this.#parts.copy.change(user, () => roles);
    return roles;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#copying[Symbol.asyncDispose]();
    await this.#parts.store[Symbol.asyncDispose]();
    await this.#parts.copy[Symbol.asyncDispose]();
  }

  async #copyAll(): Promise<void> {
    const { database, store, copy, notes } = this.#parts;
    const id = await database.id();
    if (notes.read(NOTE) !== id) notes.write(NOTE, "");
    const changes = this.#changes;
    const users = new Set<string>();
    for await (const { user, roles } of store.all()) {
      // The next copying sees what this instance has changed since.
      if (changes !== this.#changes || this.#closed) return;
      const known = await copy.rolesOf(user);
      users.add(user);
      if (known === null || `${known}` !== `${roles}`) await copy.change(user, () => roles);
    }
    if (changes !== this.#changes || this.#closed) return;
    await copy.keepOnly(users);
    notes.write(NOTE, id);
  }
}
