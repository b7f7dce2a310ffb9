import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { MemoryRoleStore } from "../adapters/memory/role_store.ts";
import { isFailure } from "../domain/errors.ts";
import type { Role } from "../domain/identity/role.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { AuditTrail } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";
import { changeUserRoles, getUserRoles } from "./user_roles.ts";

function setUp() {
  const log = new MemoryAuditLog();
  const around = { telemetry: { record: () => {} }, faults: { write: () => {} } };
  const newId = () => `event-${log.events.length}`;
  const audit = new AuditTrail({ ...around, log, clock: new ManualClock(), newId });
  return { roles: new MemoryRoleStore(), audit, log };
}

function asked(role: Role): RequestContext {
  const signal = new AbortController().signal;
  return { principal: { subject: "ada", roles: [role] }, correlationId: "correlation-1", signal };
}

Deno.test("changeUserRoles() tells the audit what stood before and stands now [S29, S33]", async () => {
  const { log, ...parts } = setUp();
  await using _roles = parts.roles;
  const change = (roles: readonly Role[], by: Role = "admin") =>
    changeUserRoles(parts, { user: "bob", kind: "replace", roles }, asked(by));
  await change(["developer"]);
  await change(["admin"]);
  await assert.rejects(change(["viewer"]), (error) => isFailure(error, "last_admin"));
  await assert.rejects(change(["viewer"], "viewer"), (error) => isFailure(error, "forbidden"));
  assert.deepEqual(
    log.events.map(({ type, userId, details }) => [type, userId, details]),
    [
      ["role_changed", "ada", { subject: "bob", before: null, after: ["developer"] }],
      ["role_changed", "ada", { subject: "bob", before: ["developer"], after: ["admin"] }],
    ],
  );
});

Deno.test("changeUserRoles() gives no answer that the audit cannot be told of [S29, S33]", async () => {
  const { log, ...parts } = setUp();
  await using _roles = parts.roles;
  await log[Symbol.asyncDispose]();
  const change = changeUserRoles(parts, { user: "bob", kind: "add", roles: [] }, asked("admin"));
  await assert.rejects(change, (error) => isFailure(error, "dependency_unavailable"));
});

Deno.test("getUserRoles() tells the audit who looked at another's roles, before it answers [S29, S33]", async () => {
  const { log, ...parts } = setUp();
  await using _roles = parts.roles;
  const look = (user: string, by: Role) => getUserRoles(parts, user, asked(by));
  await look("ada", "viewer");
  await assert.rejects(look("bob", "viewer"), (error) => isFailure(error, "forbidden"));
  assert.deepEqual(log.events, []);
  assert.equal((await look("bob", "admin")).source, "unknown");
  assert.deepEqual(
    log.events.map(({ type, userId, details }) => [type, userId, details]),
    [["data_accessed", "ada", { resource: "roles", owner: "bob", id: null }]],
  );
  await log[Symbol.asyncDispose]();
  await assert.rejects(look("bob", "admin"), (error) => isFailure(error, "dependency_unavailable"));
});
