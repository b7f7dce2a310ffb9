import assert from "node:assert/strict";
import { DomainError } from "../errors.ts";
import { isAllowed, requirePermission } from "./principal.ts";
import type { Permission, Role } from "./role.ts";

const MATRIX: Readonly<Record<Permission, readonly Role[]>> = {
  "tools:read": ["viewer", "developer", "admin"],
  "tools:lint": ["viewer", "developer", "admin"],
  "graph:query": ["viewer", "developer", "admin"],
  "tools:execute": ["developer", "admin"],
  "tools:test": ["developer", "admin"],
  "tools:generate": ["developer", "admin"],
  "graph:upsert": ["developer", "admin"],
  "graph:delete": ["admin"],
  "system:admin": ["admin"],
};

for (const [permission, allowed] of Object.entries(MATRIX) as [Permission, readonly Role[]][]) {
  for (const role of ["viewer", "developer", "admin"] as const) {
    Deno.test(`isAllowed() judges ${role} for ${permission} [S29]`, () => {
      const principal = { subject: "somebody", roles: [role] };
      assert.equal(isAllowed(principal, permission), allowed.includes(role));
    });
  }
}

Deno.test("requirePermission() says which roles were found and which are expected [S29]", () => {
  const principal = { subject: "somebody", roles: ["viewer"] as const };
  assert.throws(() => requirePermission(principal, "tools:execute"), (error) => {
    assert.ok(error instanceof DomainError);
    assert.deepEqual(error.failure, {
      code: "forbidden",
      permission: "tools:execute",
      found: ["viewer"],
      expected: ["developer", "admin"],
    });
    assert.match(error.message, /'developer', 'admin', found 'viewer'/);
    return true;
  });
});

Deno.test("requirePermission() refuses a principal without roles [S29]", () => {
  assert.throws(() => requirePermission({ subject: "x", roles: [] }, "tools:read"), /found none/);
});
