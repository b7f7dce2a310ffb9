import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { auditLogContract, foundBy, sampleEvent, timeAt } from "../../tests/contracts/audit_log.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { killUnderLoad } from "../../tests/fixtures/audit_kills.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { auditFile, START } from "./audit_fixture.ts";
import { verifyAudit } from "./audit_verifier.ts";
import { openDatabase } from "./database.ts";
import { openKeptAudit } from "./kept_audit.ts";

auditLogContract("SqliteAuditLog", auditFile, { durable: true });

Deno.test("SqliteAuditLog keeps every acknowledged event through 3 kills under load, in a chain that verifies [S33, B11]", () =>
  killUnderLoad(3));

Deno.test("SqliteAuditLog search() leaves the event loop free while it looks at thousands [S33]", async () => {
  await using file = await auditFile();
  await using log = file.open();
  const events = Array.from({ length: 5000 }, () => sampleEvent());
  await Promise.all(events.map((event) => log.append(event)));
  let turns = 0;
  let going = true;
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const filter = { userId: "alice", type: "violation" } as const;
  assert.deepEqual(await log.search(filter, { limit: 1, after: null }), { events: [], next: null });
  going = false;
  assert.ok(turns >= 15, `${turns} turns`);
});

Deno.test("the audit's schema has an index for each way to search [S33]", async () => {
  await using file = await auditFile();
  await using log = file.open();
  for (const column of ["correlation_id", "user_id", "type"]) {
    const plan = log.database.db.prepare(
      `EXPLAIN QUERY PLAN SELECT event FROM audit_events WHERE ${column} = 'x' AND
       (time, sequence) < ('2', 1) AND time >= '1' ORDER BY time DESC, sequence DESC LIMIT 9`,
    ).all().map(({ detail }) => String(detail));
    assert.equal(plan.length, 1, plan.join());
    assert.match(
      plan[0] ?? "",
      new RegExp(`USING INDEX audit_events_\\w+ \\(${column}=\\? AND time>`),
    );
  }
});

Deno.test("SqliteAuditLog goes on with a chain that a lost transaction has left [B11]", async () => {
  await using file = await auditFile();
  await using log = file.open();
  await log.append(sampleEvent());
  log.database.db.exec(`CREATE TABLE orphans (parent INTEGER REFERENCES audit_checkpoints
      DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER refuse BEFORE INSERT ON audit_events WHEN NEW.event LIKE '%poison%'
    BEGIN INSERT INTO orphans VALUES (1); END`);
  const lost = [sampleEvent(), sampleEvent({ userId: "poison" }), sampleEvent()];
  const ends = await Promise.allSettled(lost.map((event) => log.append(event)));
  assert.deepEqual(ends.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  assert.equal(log.head.sequence, 1);
  await log.append(sampleEvent());
  const { faults, count } = await verifyAudit({ ...file, heads: [START] });
  assert.deepEqual([faults, count], [[], 2]);
});

Deno.test("openKeptAudit() has old events go, at once and without being asked [B11]", async () => {
  await using file = await auditFile();
  {
    await using log = file.open();
    for (let day = 0; day < 5; day += 1) {
      await log.append(sampleEvent({ time: timeAt(day * 24 * 3600) }));
    }
  }
  await using database = openDatabase(file);
  const lines: Readonly<Record<string, unknown>>[] = [];
  await using kept = await openKeptAudit({
    database,
    directory: file.directory,
    retentionDays: 2,
    clock: new ManualClock(Date.parse(timeAt(5 * 24 * 3600))),
    newId: () => crypto.randomUUID(),
    log: { write: (_level, event, fields) => void lines.push({ event, ...fields }) },
  });
  const line = await eventually(
    "the trimming",
    () => lines.find(({ event }) => event === "audit_trimmed") ?? null,
  );
  const { checkpoint } = await verifyAudit(file);
  assert.deepEqual(line, {
    event: "audit_trimmed",
    through_sequence: 3,
    hash: checkpoint?.hash,
    count: 3,
    before: timeAt(3 * 24 * 3600),
  });
  const left = await foundBy(kept.log, {});
  assert.deepEqual(left.map(({ sequence, type }) => [sequence, type]), [
    [6, "audit_trimmed"],
    [5, "execution_finished"],
    [4, "execution_finished"],
  ]);
  assert.equal((await verifyAudit(file)).faultCount, 0);
});
