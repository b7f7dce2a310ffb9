import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sampleEvent, timeAt } from "../../tests/contracts/audit_log.ts";
import { type AuditFile, auditFile, keptHeads, START, trimmed } from "./audit_fixture.ts";
import { hashOf, instanceOf, originOf } from "./audit_chain.ts";
import { type ChainReport, verifyAudit } from "./audit_verifier.ts";

const EVENTS = 10;

/** A chain of ten events, closed, with its head kept apart. */
async function chain(file: AuditFile, count = EVENTS): Promise<void> {
  await using log = file.open();
  await using _heads = await keptHeads(file, log);
  const events = Array.from({ length: count }, (_, at) => sampleEvent({ time: timeAt(at) }));
  await Promise.all(events.map((event) => log.append(event)));
}

function change(file: AuditFile, sql: string): void {
  using db = new DatabaseSync(file.path);
  db.exec(sql);
}

async function verified(file: AuditFile): Promise<ChainReport> {
  return await verifyAudit({ ...file, heads: [START] });
}

/** The sequences at which a chain that was changed is found at fault. */
async function faultsAfter(sql: string): Promise<(number | null)[]> {
  await using file = await auditFile();
  await chain(file);
  change(file, sql);
  const { faults, faultCount } = await verified(file);
  assert.equal(faults.length, faultCount);
  return faults.map(({ sequence }) => sequence);
}

Deno.test("verifyAudit() finds a whole chain whole, also while it is written [B11]", async () => {
  await using file = await auditFile();
  await using log = file.open();
  await log.append(sampleEvent());
  await log.append(sampleEvent({ userId: "a\0\ud800" }));
  const report = await verified(file);
  assert.deepEqual([report.faults, report.count, report.first], [[], 2, 1]);
  assert.deepEqual(report.head, log.head);
  assert.equal(report.instance, log.instance);
});

Deno.test("verifyAudit() finds an empty log whole [B11]", async () => {
  await using file = await auditFile();
  await using _log = file.open();
  const { faults, count } = await verifyAudit(file);
  assert.deepEqual([faults, count], [[], 0]);
});

/** A hash with another last digit. */
const FLIPPED = "substr(hash, 1, 63) || CASE substr(hash, 64) WHEN '0' THEN '1' ELSE '0' END";

const CHANGES: readonly [what: string, sql: string, faults: (number | null)[]][] = [
  ["a flipped letter of an event", flipped("event", "alice", "alicf"), [5]],
  ["an event with a NUL and more behind it", "SET event = event || char(0) || 'x'", [5]],
  ["an event whose spaces alone were changed", "SET event = event || ' '", [5]],
  ["a flipped digit of a hash", `SET hash = ${FLIPPED}`, [5, 6]],
  ["a hash with more behind a NUL", "SET hash = hash || char(0) || 'x'", [5, 6]],
  ["a hash in capitals", "SET hash = upper(hash)", [5, 6]],
  ["another sequence", "SET sequence = 50", [5, 11]],
].map(([what = "", sql = "", faults]) => [
  String(what),
  `UPDATE audit_events ${sql} WHERE sequence = 5`,
  faults as number[],
]);

function flipped(column: string, from: string, to: string): string {
  return `SET ${column} = replace(${column}, '${from}', '${to}')`;
}

for (const [what, sql, expected] of CHANGES) {
  Deno.test(`verifyAudit() finds ${what} [B11]`, async () => {
    const found = await faultsAfter(sql);
    assert.deepEqual(found, expected);
  });
}

Deno.test("verifyAudit() finds every single flipped byte of a row [B11]", async () => {
  await using file = await auditFile();
  await chain(file, 3);
  using db = new DatabaseSync(file.path);
  const row = db.prepare("SELECT event, hash FROM audit_events WHERE sequence = 2").get();
  for (const column of ["event", "hash"]) {
    const text = String(row?.[column]);
    const set = db.prepare(`UPDATE audit_events SET ${column} = ? WHERE sequence = 2`);
    for (let at = 0; at < text.length; at += 1) {
      const other = String.fromCharCode(text.charCodeAt(at) ^ 1);
      // What makes the event no JSON any more is refused by the database's own columns.
      try {
        set.run(text.slice(0, at) + other + text.slice(at + 1));
      } catch {
        continue;
      }
      const { faultCount } = await verified(file);
      assert.ok(faultCount > 0, `${column} ${at}: ${text[at]} to ${other}`);
    }
    set.run(text);
  }
  assert.equal((await verified(file)).faultCount, 0);
});

Deno.test("verifyAudit() finds a byte flipped in the file itself, in events and in their indexes [B11]", async () => {
  await using file = await auditFile();
  await chain(file, 3);
  const whole = await Deno.readFile(file.path);
  const text = new TextDecoder("latin1").decode(whole);
  const places = Array.from(text.matchAll(/"alice"/g), ({ index }) => index + 3);
  // Each event holds it once, and so does its entry in the index of users.
  assert.equal(places.length, 6);
  for (const place of places) {
    const changed = whole.slice();
    changed[place] = "j".charCodeAt(0);
    await Deno.writeFile(file.path, changed);
    const { faultCount } = await verified(file);
    assert.ok(faultCount > 0, `the byte at ${place}`);
  }
  await Deno.writeFile(file.path, whole);
  assert.equal((await verified(file)).faultCount, 0);
});

Deno.test("verifyAudit() finds a deleted event: the first, one between, the last [B11]", async () => {
  const without = (sequence: number) =>
    faultsAfter(`DELETE FROM audit_events WHERE sequence = ${sequence}`);
  assert.deepEqual(await without(1), [1]);
  assert.deepEqual(await without(5), [5]);
  assert.deepEqual(await without(EVENTS), [EVENTS]);
  assert.deepEqual(await faultsAfter("DELETE FROM audit_events WHERE sequence IN (3, 4, 8)"), [
    3,
    8,
  ]);
  assert.deepEqual(await faultsAfter("DELETE FROM audit_events"), [1]);
});

Deno.test("verifyAudit() finds two events that were swapped, whole or in part [B11]", async () => {
  const swap = (...columns: string[]) => `
    CREATE TEMP TABLE swapped AS SELECT * FROM audit_events WHERE sequence IN (4, 5);
    DROP INDEX audit_events_id;
    UPDATE audit_events SET ${
    columns.map((column) =>
      `${column} = (SELECT ${column} FROM swapped
      WHERE swapped.sequence = 9 - audit_events.sequence)`
    )
  } WHERE sequence IN (4, 5)`;
  assert.deepEqual(await faultsAfter(swap("event", "hash")), [4, 5, 6]);
  assert.deepEqual(await faultsAfter(swap("event")), [4, 5]);
  assert.deepEqual(await faultsAfter(swap("hash")), [4, 5, 6]);
});

Deno.test("verifyAudit() finds a cut tail by the head kept apart, or by one from the log [B11]", async () => {
  assert.deepEqual(await faultsAfter("DELETE FROM audit_events WHERE sequence > 7"), [8]);
  await using file = await auditFile();
  await chain(file);
  const { head } = await verified(file);
  change(file, "DELETE FROM audit_events WHERE sequence > 7");
  await Deno.remove(join(file.directory, "audit_head.json"));
  assert.equal((await verifyAudit(file)).faultCount, 1, "without a head it would not show");
  assert.equal((await verifyAudit({ ...file, heads: [head] })).faultCount, 1);
  const shown = { sequence: 7, hash: "" };
  assert.equal((await verifyAudit({ ...file, heads: [shown] })).faultCount, 1);
});

/** Writes the chain anew from a sequence on, as one would who knows how. */
function forge(file: AuditFile, from: number): void {
  using db = new DatabaseSync(file.path);
  let hash = originOf(instanceOf(db));
  for (const row of db.prepare("SELECT * FROM audit_events ORDER BY sequence").all()) {
    const sequence = Number(row["sequence"]);
    const event = String(row["event"]).replace("alice", sequence >= from ? "mallory" : "alice");
    hash = hashOf(hash, sequence, event);
    db.prepare("UPDATE audit_events SET event = ?, hash = ? WHERE sequence = ?")
      .run(event, hash, sequence);
  }
}

Deno.test("verifyAudit() finds a tail written anew by the head kept apart [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  forge(file, 6);
  const { faults } = await verified(file);
  assert.deepEqual(faults.map(({ sequence }) => sequence), [EVENTS]);
});

Deno.test("verifyAudit() finds another instance's chain [B11]", async () => {
  await using file = await auditFile();
  await using other = await auditFile();
  await chain(file);
  await chain(other);
  await Deno.copyFile(other.path, file.path);
  const { faults } = await verified(file);
  assert.deepEqual(faults.map(({ sequence }) => sequence), [null, EVENTS]);
});

Deno.test("verifyAudit() takes what retention has left [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  assert.equal(await trimmed(file, timeAt(4)), 4);
  const report = await verified(file);
  assert.deepEqual(report.faults, []);
  assert.deepEqual([report.first, report.count, report.checkpoint?.sequence], [5, 7, 4]);
  assert.equal(await trimmed(file, timeAt(4)), 0);
  assert.equal(await trimmed(file, timeAt(7)), 3);
  assert.equal(await trimmed(file, timeAt(9999999)), 5);
  const after = await verified(file);
  assert.deepEqual([after.faults, after.count], [[], 1]);
});

Deno.test("verifyAudit() takes a trimming that was cut short, and the next one goes on [B11]", async () => {
  await using file = await auditFile();
  await chain(file, 600);
  const aborted = AbortSignal.abort();
  await trimmed(file, timeAt(450), { signal: aborted });
  assert.deepEqual((await verified(file)).faults, []);
  change(file, "DELETE FROM audit_events WHERE sequence <= 300");
  assert.equal((await verified(file)).faultCount, 0);
  await trimmed(file, timeAt(450));
  const { faults, checkpoint } = await verified(file);
  assert.deepEqual([faults, checkpoint?.sequence], [[], 450]);
});

const FORGED: readonly [what: string, sql: string][] = [
  [
    "a checkpoint made up to hide deleted events",
    `INSERT INTO audit_checkpoints SELECT sequence, hash, 'now', 1 FROM audit_events
       WHERE sequence = 5;
     DELETE FROM audit_events WHERE sequence <= 5`,
  ],
  ["a checkpoint of another hash", `UPDATE audit_checkpoints SET hash = ${FLIPPED}`],
  [
    "a checkpoint moved on",
    `UPDATE audit_checkpoints SET sequence = 5, count = 5,
       hash = (SELECT hash FROM audit_events WHERE sequence = 5);
     DELETE FROM audit_events WHERE sequence <= 5`,
  ],
  ["a checkpoint of another count", "UPDATE audit_checkpoints SET count = 2"],
  ["a checkpoint that is gone", "DELETE FROM audit_checkpoints"],
];

for (const [what, sql] of FORGED) {
  Deno.test(`verifyAudit() finds ${what} [B11]`, async () => {
    await using file = await auditFile();
    await chain(file);
    await trimmed(file, timeAt(4));
    change(file, sql);
    assert.ok((await verified(file)).faultCount > 0);
  });
}

Deno.test("a tail that is cut while the service writes leaves a gap in SQLite's chain [S33, B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  {
    await using log = file.open();
    await using _heads = await keptHeads(file, log);
    change(file, "DELETE FROM audit_events WHERE sequence > 7");
    for (let at = 0; at < EVENTS; at += 1) await log.append(sampleEvent());
  }
  const { faults } = await verified(file);
  assert.deepEqual(faults.map(({ sequence }) => sequence), [8]);
});

Deno.test("HeadKeeper tells of a tail that was cut while nobody looked, and keeps the proof [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  change(file, "DELETE FROM audit_events WHERE sequence > 7");
  {
    await using log = file.open();
    await using heads = await keptHeads(file, log);
    assert.equal(heads.violation, "audit_tail_lost");
    for (let at = 0; at < EVENTS; at += 1) await log.append(sampleEvent());
  }
  const { faults } = await verified(file);
  assert.deepEqual(faults.map(({ sequence }) => sequence), [EVENTS]);
  await using log = file.open();
  await using heads = await keptHeads(file, log);
  assert.equal(heads.violation, null);
});

Deno.test("HeadKeeper keeps the head in a file for its owner alone, and tells the log [B11]", async () => {
  await using file = await auditFile();
  await using log = file.open();
  const lines: string[] = [];
  {
    await using _heads = await keptHeads(file, log, lines);
    await log.append(sampleEvent());
  }
  const path = join(file.directory, "audit_head.json");
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  const { sequence, hash, instance } = JSON.parse(await Deno.readTextFile(path));
  assert.deepEqual({ sequence, hash, instance }, { ...log.head, instance: log.instance });
  assert.deepEqual(lines, [`audit_head 1 ${log.head.hash}`]);
});
