import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { Role } from "../../domain/identity/role.ts";
import type { DecideRoles, RoleStore } from "../../domain/ports/role_store.ts";
import { MemoryRoleStore } from "../../adapters/memory/role_store.ts";
import { roleStoreContract } from "../../tests/contracts/role_store.ts";
import { RememberedRoles, withStoredRoles } from "./stored_roles.ts";

roleStoreContract("RememberedRoles", () =>
  Promise.resolve({
    open: () => new RememberedRoles(new MemoryRoleStore(), { monotonic: () => 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { durable: false });

/** A store whose reads can be held up, and are counted. */
class HeldStore implements RoleStore {
  readonly inner = new MemoryRoleStore();
  reads = 0;
  held: Promise<void> = Promise.resolve();

  async rolesOf(user: string): Promise<readonly Role[] | null> {
    this.reads += 1;
    const found = await this.inner.rolesOf(user);
    await this.held;
    return found;
  }

  change(user: string, decide: DecideRoles): Promise<readonly Role[]> {
    return this.inner.change(user, decide);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.inner[Symbol.asyncDispose]();
  }
}

/** A token is its own subject, and says `viewer`. */
const TOKENS = {
  verify: (token: string): Promise<Principal> =>
    Promise.resolve({ subject: token, roles: ["viewer"] }),
};

Deno.test("RememberedRoles sees its own change at once, and another's within a minute [S29]", async () => {
  let now = 0;
  await using shared = new MemoryRoleStore();
  const [here, there] = [1, 2].map(() => new RememberedRoles(shared, { monotonic: () => now }));
  assert.ok(here !== undefined && there !== undefined);
  assert.equal(await here.rolesOf("ada"), null);
  assert.equal(await there.rolesOf("ada"), null);
  await here.change("ada", () => ["admin"]);
  assert.deepEqual(await here.rolesOf("ada"), ["admin"]);
  now = 60_000;
  assert.deepEqual(await there.rolesOf("ada"), ["admin"]);
});

Deno.test("RememberedRoles asks the store once for many requests, and bounds what it keeps [S29]", async () => {
  await using store = new HeldStore();
  await using roles = new RememberedRoles(store, { monotonic: () => 0 });
  for (let times = 0; times < 5; times += 1) await roles.rolesOf("ada");
  assert.equal(store.reads, 1);
  for (let at = 0; at < 10_000; at += 1) await roles.rolesOf(`user-${at}`);
  await roles.rolesOf("user-9999");
  assert.equal(store.reads, 10_001);
  await roles.rolesOf("ada");
  assert.equal(store.reads, 10_002);
});

Deno.test("RememberedRoles keeps nothing that was read while a change was made [S29]", async () => {
  await using store = new HeldStore();
  await using roles = new RememberedRoles(store, { monotonic: () => 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  store.held = promise;
  const early = roles.rolesOf("ada");
  await roles.change("ada", () => []);
  resolve();
  assert.equal(await early, null);
  assert.deepEqual(await roles.rolesOf("ada"), []);
});

Deno.test("RememberedRoles forgets a user whose change failed [S29]", async () => {
  await using store = new HeldStore();
  await using roles = new RememberedRoles(store, { monotonic: () => 0 });
  await roles.rolesOf("ada");
  const failing = roles.change("ada", () => {
    throw new Error("no");
  });
  await assert.rejects(failing);
  await roles.rolesOf("ada");
  assert.equal(store.reads, 2);
});

Deno.test("withStoredRoles() narrows and widens what a token says, by its subject [S29]", async () => {
  await using store = new MemoryRoleStore();
  const tokens = withStoredRoles(TOKENS, store);
  await store.change("widened", () => ["developer", "admin"]);
  await store.change("narrowed", () => []);
  const rolesOf = async (token: string) => (await tokens.verify(token)).roles;
  assert.deepEqual(await rolesOf("widened"), ["developer", "admin"]);
  assert.deepEqual(await rolesOf("narrowed"), []);
  assert.deepEqual(await rolesOf("neither"), ["viewer"]);
});

Deno.test("withStoredRoles() refuses when the roles cannot be read [S29]", async () => {
  const store = new MemoryRoleStore();
  await store[Symbol.asyncDispose]();
  const verified = withStoredRoles(TOKENS, store).verify("ada");
  await assert.rejects(verified, (error) => isFailure(error, "dependency_unavailable"));
});
