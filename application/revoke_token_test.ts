import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { MemoryRevokedTokens } from "../adapters/memory/revoked_tokens.ts";
import { isFailure } from "../domain/errors.ts";
import type { Role } from "../domain/identity/role.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { AuditTrail } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";
import { revokeToken } from "./revoke_token.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function subject() {
  const clock = new ManualClock();
  const log = new MemoryAuditLog();
  const around = { telemetry: { record: () => {} }, faults: { write: () => {} } };
  const audit = new AuditTrail({ ...around, log, clock, newId: () => "event-1" });
  return { clock, revokedTokens: new MemoryRevokedTokens(clock), audit, log };
}

function asked(role: Role, id: string | null, expiresAt: number): RequestContext {
  const token = id === null ? {} : { token: { id, expiresAt } };
  return {
    principal: { subject: "alice", roles: [role], ...token },
    correlationId: "correlation-1",
    signal: new AbortController().signal,
  };
}

Deno.test("revokeToken() lets everybody revoke the token that they speak by [S27]", async () => {
  const parts = subject();
  const context = asked("viewer", "mine", parts.clock.now() + HOUR);
  await revokeToken(parts, { tokenId: "mine", expiresAt: parts.clock.now() - 1 }, context);
  assert.equal(await parts.revokedTokens.isRevoked("mine"), true);
  parts.clock.advance(HOUR + DAY - 1);
  assert.equal(await parts.revokedTokens.isRevoked("mine"), true);
  parts.clock.advance(1);
  assert.equal(await parts.revokedTokens.isRevoked("mine"), false);
});

Deno.test("revokeToken() lets only an admin revoke another's token [S27, S29]", async () => {
  const parts = subject();
  const command = { tokenId: "theirs", expiresAt: null };
  for (const context of [asked("developer", "mine", 0), asked("viewer", null, 0)]) {
    await assert.rejects(revokeToken(parts, command, context), (e) => isFailure(e, "forbidden"));
  }
  assert.equal(await parts.revokedTokens.isRevoked("theirs"), false);
  await revokeToken(parts, command, asked("admin", "mine", 0));
  parts.clock.advance(1000 * DAY);
  assert.equal(await parts.revokedTokens.isRevoked("theirs"), true);
});

Deno.test("revokeToken() keeps another's for a day past the end that it is told [S27]", async () => {
  const parts = subject();
  const expiresAt = parts.clock.now() + HOUR;
  await revokeToken(parts, { tokenId: "theirs", expiresAt }, asked("admin", null, 0));
  parts.clock.advance(HOUR + DAY - 1);
  assert.equal(await parts.revokedTokens.isRevoked("theirs"), true);
  parts.clock.advance(1);
  assert.equal(await parts.revokedTokens.isRevoked("theirs"), false);
});

Deno.test("revokeToken() refuses an end in the past [S27]", async () => {
  const parts = subject();
  const command = { tokenId: "theirs", expiresAt: parts.clock.now() };
  await assert.rejects(
    revokeToken(parts, command, asked("admin", null, 0)),
    (error) => isFailure(error, "validation_failed"),
  );
  assert.equal(await parts.revokedTokens.isRevoked("theirs"), false);
});

Deno.test("revokeToken() tells the audit of what is revoked, and answers only then [S27, S33]", async () => {
  const parts = subject();
  await assert.rejects(
    revokeToken(parts, { tokenId: "theirs", expiresAt: null }, asked("viewer", null, 0)),
  );
  await revokeToken(parts, { tokenId: "theirs", expiresAt: null }, asked("admin", null, 0));
  assert.deepEqual(
    parts.log.events.map(({ type, userId, details }) => [type, userId, details]),
    [["token_revoked", "alice", { jti: "theirs" }]],
  );
  await parts.log[Symbol.asyncDispose]();
  const untold = revokeToken(parts, { tokenId: "b", expiresAt: null }, asked("admin", null, 0));
  await assert.rejects(untold, (error) => isFailure(error, "dependency_unavailable"));
  assert.equal(await parts.revokedTokens.isRevoked("b"), true);
});
