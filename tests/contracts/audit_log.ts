import assert from "node:assert/strict";
import type { AuditEvent, AuditFact, StoredAuditEvent } from "../../domain/audit/event.ts";
import { isFailure } from "../../domain/errors.ts";
import type { AuditFilter, AuditLog } from "../../domain/ports/audit_log.ts";

/** A place where a log is kept, empty at first, and removed when it is closed. */
export interface AuditPlace extends AsyncDisposable {
  /** Opens the log kept in this place; called again only after the one before is closed. */
  open(): AuditLog;
}

/** What an implementation may do one way or the other; each way has its own test. */
export interface AuditFeatures {
  /** Whether events outlive the closing of the log. */
  readonly durable: boolean;
}

interface ContractCase {
  readonly behaviour: string;
  check(log: AuditLog): Promise<void>;
}

const FIRST_TIME = Date.UTC(2026, 0, 1);

const FACT: AuditFact = {
  type: "execution_finished",
  details: {
    execution_id: "run-1",
    language: "python",
    outcome: "ok",
    limit: null,
    code_sha256: "0".repeat(64),
  },
};

/** An event with every field filled in, and whatever a test wants to be different. */
export function sampleEvent(
  changes: Partial<Omit<AuditEvent, "type" | "details">> = {},
): AuditEvent {
  return {
    ...FACT,
    id: crypto.randomUUID(),
    time: timeAt(0),
    userId: "alice",
    correlationId: "correlation-1",
    address: "127.0.0.1",
    ...changes,
  };
}

/** ISO 8601, so many seconds after the first. */
export function timeAt(seconds: number): string {
  return new Date(FIRST_TIME + seconds * 1000).toISOString();
}

/** Every event that fits, page by page. */
export async function foundBy(
  log: AuditLog,
  filter: AuditFilter,
  limit = 2,
): Promise<StoredAuditEvent[]> {
  const found: StoredAuditEvent[] = [];
  let after = null;
  do {
    const page = await log.search(filter, { limit, after });
    assert.ok(page.events.length <= limit);
    found.push(...page.events);
    after = page.next;
  } while (after !== null);
  return found;
}

async function idsBy(log: AuditLog, filter: AuditFilter, limit?: number): Promise<string[]> {
  return (await foundBy(log, filter, limit)).map(({ id }) => id);
}

const failed = (code: string): AuditEvent => ({
  ...sampleEvent({ userId: null, correlationId: null }),
  type: "authentication_failed",
  details: { code, count: 1 },
});

const CASES: readonly ContractCase[] = [
  {
    behaviour: "search() gives back every field as appended, and its place",
    async check(log) {
      const odd = "a\0\"'; --\ud800😀";
      const events = [sampleEvent(), failed("x"), sampleEvent({ userId: odd, address: null })];
      for (const event of events) await log.append(event);
      const found = await foundBy(log, {});
      assert.deepEqual(
        found.reverse(),
        events.map((event, index) => ({ ...event, sequence: index + 1 })),
      );
      assert.deepEqual(await idsBy(log, { userId: odd }), [events[2]?.id]);
    },
  },
  {
    behaviour: "search() finds by type, user, request and time, and by all of them",
    async check(log) {
      const bob = sampleEvent({ userId: "bob", time: timeAt(1), correlationId: "correlation-2" });
      const late = sampleEvent({ time: timeAt(2) });
      const events = [sampleEvent(), bob, { ...failed("x"), time: timeAt(1) }, late];
      await Promise.all(events.map((event) => log.append(event)));
      const [first, , none] = events.map(({ id }) => id);
      assert.deepEqual(await idsBy(log, { userId: "alice" }), [late.id, first]);
      assert.deepEqual(await idsBy(log, { correlationId: "correlation-2" }), [bob.id]);
      assert.deepEqual(await idsBy(log, { type: "authentication_failed" }), [none]);
      assert.deepEqual(await idsBy(log, { from: timeAt(1), to: timeAt(2) }), [none, bob.id]);
      assert.deepEqual(await idsBy(log, { userId: "alice", from: timeAt(1) }), [late.id]);
      assert.deepEqual(await idsBy(log, { type: "execution_finished", userId: "bob" }), [bob.id]);
      assert.deepEqual(await idsBy(log, { userId: "ALICE" }), []);
      assert.deepEqual(await idsBy(log, { userId: "alice' OR 1=1 --" }), []);
      assert.deepEqual(await idsBy(log, { from: timeAt(3) }), []);
    },
  },
  {
    behaviour: "search() pages through events of one time, undisturbed by new ones",
    async check(log) {
      const events = Array.from({ length: 700 }, () => sampleEvent());
      await Promise.all(events.map((event) => log.append(event)));
      const first = await log.search({}, { limit: 7, after: null });
      await log.append(sampleEvent({ time: timeAt(1) }));
      const second = await log.search({}, { limit: 693, after: first.next });
      assert.equal(second.next, null);
      const found = [...first.events, ...second.events].map(({ id }) => id).reverse();
      assert.deepEqual(found, events.map(({ id }) => id));
    },
  },
  {
    behaviour: "search() goes by time where the clock was set back",
    async check(log) {
      const [late, early] = [sampleEvent({ time: timeAt(9) }), sampleEvent({ time: timeAt(1) })];
      await log.append(late);
      await log.append(early);
      assert.deepEqual(await idsBy(log, {}, 1), [late.id, early.id]);
    },
  },
  {
    behaviour: "append() of an id twice adds it once",
    async check(log) {
      const event = sampleEvent();
      await Promise.all([log.append(event), log.append(event)]);
      await log.append(event);
      assert.equal((await foundBy(log, {})).length, 1);
    },
  },
  {
    behaviour: "closing settles what is still pending, and twice is once",
    async check(log) {
      const appended = log.append(sampleEvent());
      await log[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
      await appended;
      const unavailable = (error: unknown) => isFailure(error, "dependency_unavailable");
      await assert.rejects(log.append(sampleEvent()), unavailable);
      await assert.rejects(log.search({}, { limit: 1, after: null }), unavailable);
    },
  },
];

/**
 * Checks that an implementation keeps the contract of `AuditLog`.
 *
 * `name` is the implementation's name, first in each test's name; `place` makes a new empty place.
 */
export function auditLogContract(
  name: string,
  place: () => Promise<AuditPlace>,
  features: AuditFeatures,
): void {
  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: ${behaviour} [S33]`, async () => {
      await using kept = await place();
      await using log = kept.open();
      await check(log);
    });
  }
  if (features.durable) Deno.test(`${name}: events outlive closing [S33]`, () => reopened(place));
}

async function reopened(place: () => Promise<AuditPlace>): Promise<void> {
  await using kept = await place();
  const [before, after] = [sampleEvent(), sampleEvent({ time: timeAt(1) })];
  {
    await using log = kept.open();
    await log.append(before);
  }
  await using log = kept.open();
  await log.append(after);
  const found = await foundBy(log, {});
  assert.deepEqual(found, [{ ...after, sequence: 2 }, { ...before, sequence: 1 }]);
}
