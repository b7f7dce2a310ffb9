import assert from "node:assert/strict";
import { isFailure } from "../errors.ts";
import type { Role } from "./role.ts";
import { changedRoles, type RolesChange, type StoredRoles } from "./stored_roles.ts";

const BY = { subject: "ada", roles: ["admin"] } as const;

function replacing(user: string, roles: readonly Role[]): RolesChange {
  return { user, by: BY, kind: "replace", roles };
}

function adding(user: string, roles: readonly Role[]): RolesChange {
  return { user, by: BY, kind: "add", roles };
}

function stored(roles: readonly Role[] | null, otherAdmin: boolean): StoredRoles {
  return { roles, otherAdmin };
}

Deno.test("changedRoles() replaces, or adds, each role once and least first [S29]", () => {
  const found = stored(["developer"], false);
  assert.deepEqual(changedRoles(replacing("bob", ["admin", "viewer"]), found), ["viewer", "admin"]);
  assert.deepEqual(changedRoles(adding("bob", ["viewer"]), found), ["viewer", "developer"]);
  assert.deepEqual(changedRoles(adding("bob", []), stored(null, false)), []);
  assert.deepEqual(changedRoles(replacing("bob", []), found), []);
  assert.deepEqual(changedRoles(replacing("bob", ["viewer", "viewer"]), found), ["viewer"]);
});

/** Whose roles are changed to what, by what is stored; whether the last admin would go. */
const LAST: readonly (readonly [RolesChange, StoredRoles, boolean])[] = [
  [replacing("bob", ["viewer"]), stored(["admin"], false), true],
  [replacing("bob", ["viewer"]), stored(["admin"], true), false],
  [replacing("bob", ["admin"]), stored(["admin"], false), false],
  [replacing("bob", []), stored(["viewer"], false), false],
  [replacing("bob", ["viewer"]), stored(null, false), false],
  [replacing("ada", ["viewer"]), stored(null, false), true],
  [replacing("ada", ["viewer"]), stored(null, true), false],
  [replacing("ada", ["viewer"]), stored(["viewer"], false), true],
  [replacing("ada", ["admin"]), stored(null, false), false],
  [adding("ada", ["viewer"]), stored(null, false), true],
  [adding("ada", ["viewer"]), stored(["admin"], false), false],
];

for (const [change, found, refused] of LAST) {
  const { kind, user, roles } = change;
  const where = `${found.roles ?? "nothing"} stored${found.otherAdmin ? " and another admin" : ""}`;
  const what = refused ? "spares the last admin" : "has its way";
  Deno.test(`changedRoles() ${what}: ${kind} ${user} [${roles}], ${where} [S29]`, () => {
    const changed = () => changedRoles(change, found);
    if (refused) assert.throws(changed, (error) => isFailure(error, "last_admin"));
    else changed();
  });
}
