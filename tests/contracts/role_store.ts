import assert from "node:assert/strict";
import { DomainError, isFailure } from "../../domain/errors.ts";
import type { Role } from "../../domain/identity/role.ts";
import type { StoredRoles } from "../../domain/identity/stored_roles.ts";
import type { RoleStore } from "../../domain/ports/role_store.ts";

/** A place where roles are kept, empty at first, and removed when it is closed. */
export interface RolesPlace extends AsyncDisposable {
  /** Opens the roles kept in this place. */
  open(): RoleStore;
}

/** What an implementation may do one way or the other; each way has its own test. */
export interface RolesFeatures {
  /** Whether roles outlive the closing of the store. */
  readonly durable: boolean;
}

interface ContractCase {
  readonly behaviour: string;
  check(store: RoleStore): Promise<void>;
}

/** Texts that a token's `sub` can be, each its own user. */
export const ODD_USERS: readonly string[] = [
  "a/b",
  "a%2Fb",
  "%",
  "%ff",
  "100 % sure?#fragment&x=1",
  "Eve",
  "eve",
  "eve ",
  " ",
  "a\0b",
  "a\0c",
  "'; DROP TABLE stored_roles; --",
  "é",
  "e\u0301",
  "数据/данные/بيانات/😀",
  "<script>alert(1)</script>",
  "__proto__",
  "u".repeat(256),
  "😀".repeat(128),
];

const CASES: readonly ContractCase[] = [
  {
    behaviour: "rolesOf() tells a user of whom nothing is stored from one without roles",
    async check(store) {
      assert.equal(await store.rolesOf("ada"), null);
      assert.deepEqual(await store.change("ada", () => []), []);
      assert.deepEqual(await store.rolesOf("ada"), []);
    },
  },
  {
    behaviour: "change() keeps what was decided, and decides by what is stored",
    async check(store) {
      const seen: StoredRoles[] = [];
      const set = (user: string, roles: readonly Role[]) =>
        store.change(user, (stored) => {
          seen.push(stored);
          return roles;
        });
      assert.deepEqual(await set("ada", ["admin"]), ["admin"]);
      await set("ada", ["developer", "admin"]);
      await set("bob", ["viewer"]);
      await set("ada", ["viewer"]);
      await set("bob", []);
      assert.deepEqual(seen, [
        { roles: null, otherAdmin: false },
        { roles: ["admin"], otherAdmin: false },
        { roles: null, otherAdmin: true },
        { roles: ["developer", "admin"], otherAdmin: false },
        { roles: ["viewer"], otherAdmin: false },
      ]);
      assert.deepEqual(await store.rolesOf("ada"), ["viewer"]);
    },
  },
  {
    behaviour: "change() changes nothing when the decision is thrown",
    async check(store) {
      await store.change("ada", () => ["admin"]);
      const refusal = new DomainError({ code: "last_admin", user: "ada" });
      const refused = store.change("ada", () => {
        throw refusal;
      });
      await assert.rejects(refused, refusal);
      assert.deepEqual(await store.rolesOf("ada"), ["admin"]);
      assert.deepEqual(await store.change("ada", () => ["viewer"]), ["viewer"]);
    },
  },
  {
    behaviour: "change() of many at once leaves one admin when each spares the last",
    async check(store) {
      const users = Array.from({ length: 20 }, (_, at) => `admin-${at}`);
      for (const user of users) await store.change(user, () => ["admin"]);
      const demoted = users.map((user) =>
        store.change(user, ({ otherAdmin }) => otherAdmin ? ["viewer"] : ["admin"])
      );
      const left = (await Promise.all(demoted)).filter((roles) => roles.includes("admin"));
      assert.equal(left.length, 1);
    },
  },
  {
    behaviour: "users are told apart whatever is in their names",
    async check(store) {
      const rolesAt = (at: number): Role[] => at % 2 === 0 ? ["viewer"] : ["developer"];
      for (const [at, user] of ODD_USERS.entries()) await store.change(user, () => rolesAt(at));
      for (const [at, user] of ODD_USERS.entries()) {
        assert.deepEqual(await store.rolesOf(user), rolesAt(at), user);
      }
    },
  },
  {
    behaviour: "every method of a closed store rejects with dependency_unavailable",
    async check(store) {
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      const isUnavailable = (error: unknown) => isFailure(error, "dependency_unavailable");
      await assert.rejects(store.rolesOf("ada"), isUnavailable);
      await assert.rejects(store.change("ada", () => ["admin"]), isUnavailable);
    },
  },
];

/** Checks that an implementation keeps the contract of `RoleStore`. */
export function roleStoreContract(
  name: string,
  place: () => Promise<RolesPlace>,
  features: RolesFeatures,
): void {
  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: ${behaviour} [S29]`, async () => {
      await using kept = await place();
      await using store = kept.open();
      await check(store);
    });
  }
  const standing = features.durable ? "outlive" : "end with";
  Deno.test(`${name}: roles ${standing} closing [S29]`, async () => {
    await using kept = await place();
    const before = kept.open();
    await before.change("ada", () => ["admin"]);
    await before[Symbol.asyncDispose]();
    await using after = kept.open();
    assert.deepEqual(await after.rolesOf("ada"), features.durable ? ["admin"] : null);
  });
}
