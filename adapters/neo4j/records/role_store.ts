import { isRole, type Role } from "../../../domain/identity/role.ts";
import type { DecideRoles, RoleStore } from "../../../domain/ports/role_store.ts";
import type { Run } from "../transaction.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";

/** One role's node stands for all of them: two changes at once would both spare another's last admin. */
const LOCK = "MERGE (r:Role {name: 'admin'}) SET r.changed = timestamp()";
const FIND = "MATCH (u:User {user_id: $user}) RETURN u.roles AS roles";
const OTHER_ADMIN = `MATCH (r:Role {name: 'admin'})<-[:HAS_ROLE]-(u:User)
  WHERE u.user_id <> $user RETURN u.user_id AS user LIMIT 1`;
const SAVE = "MERGE (u:User {user_id: $user}) SET u.roles = $roles";
const UNTIE = "MATCH (u:User {user_id: $user})-[x:HAS_ROLE]->(:Role) DELETE x";
const TIE = `MATCH (u:User {user_id: $user}) UNWIND $roles AS name
  MERGE (r:Role {name: name}) MERGE (u)-[:HAS_ROLE]->(r)`;
const ALL = `MATCH (u:User) WHERE u.user_id > $after
  RETURN u.user_id AS user, u.roles AS roles ORDER BY u.user_id LIMIT 1000`;

/** The statements of this store, whose plans must use an index. */
export const ROLE_STATEMENTS: readonly string[] = [
  ...[LOCK, FIND, OTHER_ADMIN, SAVE, UNTIE, TIE, ALL],
];

/** What is stored for a user. */
export interface StoredUser {
  readonly user: string;
  readonly roles: readonly Role[];
}

/**
 * Roles in Neo4j, for all instances at once: a change holds a lock of the database while it decides. Who
 * the user is stands there as JSON: half a character could not be kept otherwise.
 */
export class Neo4jRoleStore implements RoleStore {
  readonly #database: RecordsDatabase;
  #closed = false;

  constructor(database: RecordsDatabase) {
    this.#database = database;
  }

  async rolesOf(user: string): Promise<readonly Role[] | null> {
    if (this.#closed) throw closedStore();
    const [row] = await this.#database.read(FIND, { user: JSON.stringify(user) });
    return row === undefined ? null : rolesIn(row["roles"]);
  }

  async change(user: string, decide: DecideRoles): Promise<readonly Role[]> {
    if (this.#closed) throw closedStore();
    return await this.#database.write((run) => changed(run, JSON.stringify(user), decide));
  }

  /** All users for whom something is stored. */
  async *all(): AsyncIterable<StoredUser> {
    for (let after = "";;) {
      const rows = await this.#database.read(ALL, { after });
      for (const row of rows) {
        after = String(row["user"]);
        yield { user: JSON.parse(after), roles: rolesIn(row["roles"]) };
      }
      if (rows.length === 0) return;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}

async function changed(run: Run, user: string, decide: DecideRoles): Promise<readonly Role[]> {
  await run(LOCK, {});
  const [stored, others] = [await run(FIND, { user }), await run(OTHER_ADMIN, { user })];
  const [row] = stored.records;
  const roles = [...decide({
    roles: row === undefined ? null : rolesIn(row.get("roles")),
    otherAdmin: others.records.length > 0,
  })];
  await run(SAVE, { user, roles });
  await run(UNTIE, { user });
  await run(TIE, { user, roles });
  return roles;
}

function rolesIn(value: unknown): Role[] {
  return Array.isArray(value) ? value.filter((name): name is Role => isRole(name)) : [];
}
