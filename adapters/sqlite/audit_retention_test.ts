import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type AuditEvent, auditText } from "../../domain/audit/event.ts";
import { sampleEvent, timeAt } from "../../tests/contracts/audit_log.ts";
import { type AuditFile, auditFile, keptHeads, trimmed } from "./audit_fixture.ts";
import { AuditChain } from "./audit_chain.ts";
import { verifyAudit } from "./audit_verifier.ts";

const EVENTS = 10;

/** A chain of ten events, a second apart, closed, with its head kept apart. */
async function chain(file: AuditFile): Promise<void> {
  await using log = file.open();
  await using _heads = await keptHeads(file, log);
  for (let at = 0; at < EVENTS; at += 1) await log.append(sampleEvent({ time: timeAt(at) }));
}

function change(file: AuditFile, sql: string): void {
  using db = new DatabaseSync(file.path);
  db.exec(sql);
}

function trimmedEvent(sequence: number, hash: string): AuditEvent {
  const details = { through_sequence: sequence, hash, count: sequence };
  return { ...sampleEvent({ time: timeAt(99) }), type: "audit_trimmed", details };
}

/** Has events go as retention does, but as one who writes the database alone. */
function forgeTrimming(file: AuditFile, through: number): void {
  using db = new DatabaseSync(file.path);
  const row = db.prepare("SELECT hash FROM audit_events WHERE sequence = ?").get(through);
  const hash = String(row?.["hash"]);
  new AuditChain(db).add(auditText(trimmedEvent(through, hash)));
  db.prepare("INSERT INTO audit_checkpoints VALUES (?, ?, 'now', ?)").run(through, hash, through);
  db.prepare("DELETE FROM audit_events WHERE sequence <= ?").run(through);
}

Deno.test("trimAudit() with an earlier clock than the trimming before leaves a chain that verifies [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  await trimmed(file, timeAt(3), { time: timeAt(500) });
  await trimmed(file, timeAt(6), { time: timeAt(400) });
  const { faults, checkpoint, first } = await verifyAudit(file);
  assert.deepEqual([faults, checkpoint?.sequence, first], [[], 6, 7]);
});

Deno.test("verifyAudit() takes an event of a trimming that has not come to its checkpoint [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  await trimmed(file, timeAt(3));
  {
    await using log = file.open();
    await using _heads = await keptHeads(file, log);
    await log.append(trimmedEvent(6, "0".repeat(64)));
  }
  assert.deepEqual((await verifyAudit(file)).faults, []);
});

Deno.test("trimAudit() leaves event and checkpoint together, or neither [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  change(
    file,
    `CREATE TRIGGER refuse BEFORE INSERT ON audit_checkpoints
     BEGIN SELECT raise(ABORT, 'refused'); END`,
  );
  await assert.rejects(trimmed(file, timeAt(4)), /refused/);
  const refused = await verifyAudit(file);
  assert.deepEqual([refused.faults, refused.count], [[], EVENTS]);
  change(file, "DROP TRIGGER refuse");
  assert.equal(await trimmed(file, timeAt(4)), 4);
  const { faults, count } = await verifyAudit(file);
  assert.deepEqual([faults, count], [[], EVENTS - 4 + 1]);
});

Deno.test("trimAudit() deletes nothing before a head is kept that knows of it [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  // A draft that cannot be written keeps the head from being written.
  await Deno.mkdir(join(file.directory, "audit_head.json.draft"));
  await assert.rejects(trimmed(file, timeAt(4)), /head cannot be kept/);
  const { faults, first } = await verifyAudit(file);
  assert.deepEqual([faults, first], [[], 1]);
  await Deno.remove(join(file.directory, "audit_head.json.draft"));
  assert.equal(await trimmed(file, timeAt(4)), 0, "it was told before");
  const after = await verifyAudit(file);
  assert.deepEqual([after.faults, after.first], [[], 5]);
});

Deno.test("verifyAudit() finds a made-up trimming, by the head kept apart or by one from the log [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  await trimmed(file, timeAt(2));
  const { head } = await verifyAudit(file);
  forgeTrimming(file, 7);
  const kept = await verifyAudit(file);
  assert.deepEqual(kept.faults.map(({ sequence }) => sequence), [7, 7]);
  // Of the made-up count, and of what no head knows of; the count can be made up, too.
  change(file, "UPDATE audit_checkpoints SET count = 5 WHERE sequence = 7");
  assert.match((await verifyAudit(file)).faults[0]?.what ?? "", /no head kept apart knows of/);
  await Deno.remove(join(file.directory, "audit_head.json"));
  assert.equal((await verifyAudit({ ...file, heads: [head] })).faultCount, 1);
});

Deno.test("HeadKeeper tells of a made-up trimming at the start, and keeps the proof [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  forgeTrimming(file, 5);
  {
    await using log = file.open();
    await using heads = await keptHeads(file, log);
    assert.equal(heads.violation, "audit_trimming_unknown");
    await log.append(sampleEvent());
  }
  const { faults } = await verifyAudit(file);
  assert.equal(faults.length, 1);
  assert.match(faults[0]?.what ?? "", /^'audit_head\.lost-\d+\.json' did not go with the chain/);
});

Deno.test("HeadKeeper takes what retention has left for what it is [B11]", async () => {
  await using file = await auditFile();
  await chain(file);
  for (const seconds of [4, 7, 9999]) {
    await trimmed(file, timeAt(seconds));
    await using log = file.open();
    await using heads = await keptHeads(file, log);
    assert.equal(heads.violation, null);
  }
});
