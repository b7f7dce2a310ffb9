import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import type { Role } from "../domain/identity/role.ts";
import { DomainError, type Failure } from "../domain/errors.ts";
import { FakeApplication } from "../tests/fakes/fake_application.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { audited } from "./decorators/audited.ts";
import { AuditTrail } from "./audit_trail.ts";
import type { Measurement } from "../domain/ports/telemetry.ts";
import type { RequestContext } from "./request_context.ts";

const MINUTE_MS = 60_000;

function setUp() {
  const log = new MemoryAuditLog();
  const clock = new ManualClock();
  const lost: string[] = [];
  const measured: Measurement[] = [];
  let made = 0;
  const trail = new AuditTrail({
    log,
    clock,
    newId: () => `event-${++made}`,
    telemetry: { record: (measurement) => void measured.push(measurement) },
    faults: { write: (_level, event) => void lost.push(event) },
  });
  return { log, clock, lost, measured, trail };
}

const at = (address: string) => ({ userId: null, correlationId: "correlation-1", address });

const told = ({ events }: MemoryAuditLog) =>
  events.map(({ type, address, details }) => ({ type, address, ...details }));

Deno.test("AuditTrail tells of a refusal at once, and of its repetitions once a minute [S33]", async () => {
  const { log, clock, trail } = setUp();
  const refuse = () => trail.refused({ code: "unauthenticated" }, at("10.0.0.1"));
  for (let count = 0; count < 1000; count += 1) refuse();
  const first = { type: "authentication_failed", address: "10.0.0.1", code: "unauthenticated" };
  assert.deepEqual(told(log), [{ ...first, count: 1 }]);
  clock.advance(MINUTE_MS);
  refuse();
  assert.deepEqual(told(log).slice(1), [{ ...first, count: 999 }, { ...first, count: 1 }]);
  await trail.close();
  assert.equal(log.events.length, 3);
});

Deno.test("AuditTrail bounds the events of a flood from many addresses, and counts each [S33]", async () => {
  const { log, clock, trail } = setUp();
  for (let count = 0; count < 5000; count += 1) {
    trail.refused({ code: "unauthenticated" }, at(`10.0.${count >> 8}.${count & 255}`));
  }
  clock.advance(MINUTE_MS);
  trail.sweep();
  await trail.close();
  assert.ok(log.events.length <= 65, `${log.events.length} events`);
  const counts = log.events.map(({ details }) => "count" in details ? details.count : 0);
  assert.equal(counts.reduce((sum, count) => sum + count, 0), 5000);
});

Deno.test("AuditTrail tells of a token's first use alone [S33]", async () => {
  const { log, trail } = setUp();
  const principal = { subject: "ada", roles: ["admin"] } as const;
  const actor = { ...at("10.0.0.1"), userId: "ada" };
  const uses = Array.from({ length: 9 }, () => trail.authenticated("token-1", principal, actor));
  await Promise.all(uses);
  await trail.authenticated("token-1", principal, actor);
  await trail.authenticated("token-2", principal, actor);
  const each = { type: "authentication_succeeded", address: "10.0.0.1", roles: ["admin"] };
  assert.deepEqual(told(log), [each, each]);
  assert.ok(!JSON.stringify(log.events).includes("token-1"));
});

Deno.test("AuditTrail lets nobody in whose first use it cannot keep, and logs what is lost [S33]", async () => {
  const { log, lost, measured, trail } = setUp();
  await log[Symbol.asyncDispose]();
  const principal = { subject: "ada", roles: [] };
  await assert.rejects(trail.authenticated("token-1", principal, at("10.0.0.1")));
  trail.refused({ code: "forbidden" }, at("10.0.0.1"));
  await trail.close();
  assert.deepEqual(lost, ["audit_event_lost"]);
  assert.deepEqual(measured, [
    { kind: "audit_event", type: "authentication_succeeded", stored: false },
    { kind: "auth_decided", result: "forbidden" },
    { kind: "audit_event", type: "authorisation_refused", stored: false },
  ]);
});

Deno.test("AuditTrail measures each refusal for want of a permission once, and no other [S29, S37]", async () => {
  const { measured, trail } = setUp();
  for (let count = 0; count < 100; count += 1) {
    const refusal = { code: "forbidden" };
    trail.refused(refusal, at(`10.0.0.${count}`));
    trail.refused(refusal, at(`10.0.0.${count}`));
    trail.refused({ code: "unauthenticated" }, at(`10.0.0.${count}`));
    trail.refused({ code: "rate_limited" }, at(`10.0.0.${count}`));
  }
  await trail.close();
  const decided = measured.filter(({ kind }) => kind === "auth_decided");
  assert.equal(decided.length, 100);
  for (const decision of decided) {
    assert.deepEqual(decision, { kind: "auth_decided", result: "forbidden" });
  }
});

const REFUSALS: readonly [failure: Failure, told: object][] = [
  [
    { code: "unauthenticated", reason: "no token" },
    { type: "authentication_failed", code: "unauthenticated" },
  ],
  [
    { code: "token_expired", expiredAt: "2026-01-01T00:00:00.000Z" },
    { type: "authentication_failed", code: "token_expired" },
  ],
  [
    {
      code: "forbidden",
      permission: "tools:execute",
      found: ["viewer"],
      expected: ["developer", "admin"],
    },
    { type: "authorisation_refused", permission: "tools:execute", roles: ["viewer"] },
  ],
  [
    { code: "too_many_executions", running: 1, waiting: 1, retryAfterSeconds: 1 },
    { type: "rate_limit_refused", code: "too_many_executions" },
  ],
  [
    {
      code: "code_rejected",
      findings: ["b", "a", "b"].map((rule) => ({ rule, line: 1, column: 1, message: "secret" })),
    } as Failure,
    { type: "violation", code: "code_rejected", rules: ["a", "b"] },
  ],
  [
    {
      code: "validation_failed",
      errors: [{ pointer: "/files/0/path", expected: "a path", found: "../../etc/passwd" }],
    },
    { type: "violation", code: "unsafe_path", rules: [] },
  ],
];

for (const [failure, expected] of REFUSALS) {
  Deno.test(`AuditTrail refused() tells of '${failure.code}' without what was sent [S33]`, () => {
    const { log, trail } = setUp();
    trail.refused(failure, at("10.0.0.1"));
    // Through two doors it is still one refusal.
    trail.refused(failure, at("10.0.0.1"));
    assert.deepEqual(told(log), [{ ...expected, address: "10.0.0.1", count: 1 }]);
  });
}

Deno.test("AuditTrail refused() keeps nothing of what is no refusal of right [S33]", () => {
  const { log, trail } = setUp();
  const failures: Failure[] = [
    { code: "cancelled" },
    { code: "not_found", what: "it" },
    { code: "validation_failed", errors: [{ pointer: "/code", expected: "x", found: "y" }] },
  ];
  for (const failure of failures) trail.refused(failure, at("10.0.0.1"));
  assert.deepEqual(log.events, []);
});

function contextOf(subject: string, ...roles: Role[]): RequestContext {
  const { signal } = new AbortController();
  return { principal: { subject, roles }, correlationId: "correlation-1", signal };
}

Deno.test("audited() tells of a use case's refusal, and passes it on [S33, S29]", async () => {
  const fake = new FakeApplication();
  const application = audited(fake, fake.audit);
  const search = { limit: 10, after: null };
  await assert.rejects(application.searchAudit(search, contextOf("dan", "developer")), DomainError);
  await assert.rejects(application.getExecution("x", contextOf("nil")), DomainError);
  assert.deepEqual(
    fake.auditLog.events.map(({ type, userId, details }) => [type, userId, details]),
    [
      [
        "authorisation_refused",
        "dan",
        { permission: "system:admin", roles: ["developer"], count: 1 },
      ],
      ["authorisation_refused", "nil", { permission: "tools:read", roles: [], count: 1 }],
    ],
  );
});

Deno.test("searchAudit() is told of before it is answered [S33]", async () => {
  const fake = new FakeApplication();
  const context = contextOf("ada", "admin");
  await fake.searchAudit({ limit: 10, after: null }, context);
  const { events } = await fake.searchAudit({ limit: 10, after: null }, context);
  assert.deepEqual(events.map(({ type, userId, details }) => [type, userId, details]), [
    ["data_accessed", "ada", { resource: "audit", owner: null, id: null }],
  ]);
});
