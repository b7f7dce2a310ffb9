import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import type { Permission, Role } from "../domain/identity/role.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import type { Refusal } from "./audit_refusals.ts";
import { AuditTrail } from "./audit_trail.ts";

const MINUTE_MS = 60_000;

/** A trail that is flooded, and what it tells of it. */
class Flood {
  readonly log = new MemoryAuditLog();
  readonly #clock = new ManualClock();
  readonly #trail = new AuditTrail({
    log: this.log,
    clock: this.#clock,
    newId: () => `event-${this.log.events.length + 1}`,
    telemetry: { record: () => {} },
    faults: { write: () => {} },
  });

  refuse(refusal: Refusal, address: string | null, userId: string | null = null): void {
    this.#trail.refused({ ...refusal }, { userId, correlationId: "correlation-1", address });
  }

  /** Wrong tokens, each from a network of its own. */
  fill(count: number): void {
    for (let at = 0; at < count; at += 1) {
      this.refuse({ code: "unauthenticated" }, `10.${at >> 8}.${at & 255}.1`);
    }
  }

  minutePasses(): void {
    this.#clock.advance(MINUTE_MS);
    this.#trail.sweep();
  }

  /** Who was told of, from where, as what. */
  told(): unknown[] {
    return this.log.events.map(({ userId, address, details }) => [userId, address, details]);
  }
}

const forbidden = (permission: Permission, ...roles: Role[]): Refusal => ({
  code: "forbidden",
  permission,
  found: roles,
});
const rejected = (...rules: string[]): Refusal => ({
  code: "code_rejected",
  findings: rules.map((rule) => ({ rule, line: 1, column: 1, message: "" })) as never,
});

Deno.test("AuditTrail tells a user's refusal as it was while strangers flood the door [S33, S29]", () => {
  const flood = new Flood();
  flood.fill(5000);
  const before = flood.log.events.length;
  flood.refuse(forbidden("system:admin", "developer"), "192.0.2.1", "mallory");
  flood.refuse(rejected("b", "a"), "192.0.2.1", "mallory");
  flood.minutePasses();
  assert.deepEqual(flood.told().slice(before, before + 2), [
    ["mallory", "192.0.2.1", { permission: "system:admin", roles: ["developer"], count: 1 }],
    ["mallory", "192.0.2.1", { code: "code_rejected", rules: ["a", "b"], count: 1 }],
  ]);
});

Deno.test("AuditTrail tells a user's refusal as it was while other users flood theirs [S33, S29]", () => {
  const flood = new Flood();
  for (let at = 0; at < 1000; at += 1) {
    flood.refuse(rejected(`rule-${at}`), `10.0.${at >> 8}.${at & 255}`, "eve");
  }
  const before = flood.log.events.length;
  flood.refuse(forbidden("system:admin", "viewer"), "192.0.2.1", "mallory");
  assert.deepEqual(flood.told().slice(before), [
    ["mallory", "192.0.2.1", { permission: "system:admin", roles: ["viewer"], count: 1 }],
  ]);
});

Deno.test("AuditTrail sums a user's many kinds under the user, with all rules and no made-up permission [S33]", () => {
  const flood = new Flood();
  for (let at = 0; at < 8; at += 1) flood.refuse(rejected(`rule-${at}`), "192.0.2.1", "eve");
  flood.refuse(rejected("rule-9", "rule-8"), "192.0.2.1", "eve");
  flood.refuse(rejected("rule-9", "rule-7"), "192.0.2.2", "eve");
  for (const permission of ["system:admin", "tools:execute"] as const) {
    flood.refuse(forbidden(permission, "viewer"), "192.0.2.1", "eve");
  }
  flood.refuse({ code: "not_owner", roles: ["viewer"] }, "192.0.2.1", "eve");
  assert.equal(flood.log.events.length, 8);
  flood.minutePasses();
  assert.deepEqual(flood.told().slice(8), [
    ["eve", null, { code: "code_rejected", rules: ["rule-7", "rule-8", "rule-9"], count: 2 }],
    ["eve", null, { permission: "several", roles: ["viewer"], count: 2 }],
    ["eve", null, { permission: "owner", roles: ["viewer"], count: 1 }],
  ]);
});

Deno.test("AuditTrail bounds the events of a flood by many users, counts each, and names none wrongly [S33]", () => {
  const flood = new Flood();
  for (let at = 0; at < 3000; at += 1) {
    flood.refuse(forbidden("system:admin", "viewer"), "192.0.2.1", `user-${at}`);
  }
  flood.minutePasses();
  assert.ok(flood.log.events.length <= 257, `${flood.log.events.length} events`);
  const details = { permission: "system:admin", roles: ["viewer"] };
  assert.deepEqual(flood.told().at(-1), [null, null, { ...details, count: 3000 - 256 }]);
});

Deno.test("AuditTrail takes a /64 of IPv6 for one client, and tells it as that [S33, S30]", () => {
  const flood = new Flood();
  for (let at = 1; at <= 1000; at += 1) {
    flood.refuse({ code: "unauthenticated" }, `2001:db8:0:1::${at.toString(16)}`);
  }
  flood.refuse({ code: "unauthenticated" }, "192.0.2.7");
  flood.minutePasses();
  const details = { code: "unauthenticated" };
  assert.deepEqual(flood.told(), [
    [null, "2001:db8:0:1::1", { ...details, count: 1 }],
    [null, "192.0.2.7", { ...details, count: 1 }],
    [null, "2001:db8:0:1::/64", { ...details, count: 999 }],
  ]);
});
