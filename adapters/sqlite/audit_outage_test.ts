import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { foundBy, sampleEvent } from "../../tests/contracts/audit_log.ts";
import { isUnavailable, sampleRecord } from "../../tests/contracts/execution_records.ts";
import { auditLogContract } from "../../tests/contracts/audit_log.ts";
import { type AuditEvent, auditText } from "../../domain/audit/event.ts";
import { type AuditFile, auditFile, type OwningAuditLog, START } from "./audit_fixture.ts";
import type { Log } from "../../domain/ports/log.ts";
import { SpillingAuditLog } from "./audit_spill.ts";
import { verifyAudit } from "./audit_verifier.ts";
import { SqliteExecutionRecords } from "./execution_records.ts";

/** What a spill has logged, as `level event`. */
type Lines = string[];

async function spilling(
  { directory }: AuditFile,
  audit: OwningAuditLog,
  { maxBytes, lines = [] }: { maxBytes?: number; lines?: Lines } = {},
): Promise<SpillingAuditLog> {
  const log: Log = { write: (level, event) => void lines.push(`${level} ${event}`) };
  const options = { audit, directory, log, damageOf };
  return await SpillingAuditLog.open(maxBytes === undefined ? options : { ...options, maxBytes });
}

function damageOf(count: number): AuditEvent {
  const details = { code: "audit_spill_damaged", rules: [], count };
  return { ...sampleEvent({ userId: null }), type: "violation", details };
}

/** What keeps a database from writing, until it is disposed of. */
const OUTAGES: Readonly<Record<string, (log: OwningAuditLog, path: string) => Disposable>> = {
  "a foreign lock": (_log, path) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    return other;
  },
  "a full disk": ({ database: { db } }) => {
    const { page_count: pages } = db.prepare("PRAGMA page_count").get() ?? {};
    db.exec(`PRAGMA max_page_count = ${pages}`);
    return { [Symbol.dispose]: () => db.exec("PRAGMA max_page_count = 1073741823") };
  },
  "a database that is only read": ({ database: { db } }) => {
    db.exec("PRAGMA query_only = ON");
    return { [Symbol.dispose]: () => db.exec("PRAGMA query_only = OFF") };
  },
};

/** Appends until the database refuses; a full one has room for a few. */
async function acknowledged(audit: OwningAuditLog): Promise<{ kept: string[]; refused: number }> {
  const events = Array.from({ length: 200 }, () => sampleEvent());
  const ends = await Promise.allSettled(events.map((event) => audit.append(event)));
  for (const end of ends) {
    if (end.status === "rejected") assert.ok(isUnavailable(end.reason));
  }
  const kept = events.filter((_, at) => ends[at]?.status === "fulfilled").map(({ id }) => id);
  return { kept, refused: events.length - kept.length };
}

for (const [outage, begin] of Object.entries(OUTAGES)) {
  Deno.test(`SqliteAuditLog append() refuses clearly and loses nothing acknowledged by ${outage} [S33]`, async () => {
    await using file = await auditFile();
    await using audit = file.open();
    const before = await acknowledged(audit);
    const records = new SqliteExecutionRecords(audit.database);
    const during = { kept: [] as string[], refused: 0 };
    {
      using _outage = begin(audit, file.path);
      for (let round = 0; round < 5 && during.refused === 0; round += 1) {
        const { kept, refused } = await acknowledged(audit);
        during.kept.push(...kept);
        during.refused += refused;
      }
      assert.ok(during.refused > 0);
      const big = sampleRecord({ stdout: "x".repeat(200_000) });
      await assert.rejects(records.save(big), isUnavailable);
      assert.equal((await verifyAudit({ ...file, heads: [START] })).faultCount, 0);
    }
    const after = await acknowledged(audit);
    assert.deepEqual([before.refused, after.refused], [0, 0]);
    const found = (await foundBy(audit, {}, 5000)).map(({ id }) => id).toSorted();
    assert.deepEqual(found, [...before.kept, ...during.kept, ...after.kept].toSorted());
    assert.equal((await verifyAudit({ ...file, heads: [START] })).faultCount, 0);
  });

  Deno.test(`SpillingAuditLog takes events through ${outage}, and brings them back [S33]`, async () => {
    await using file = await auditFile();
    await using audit = file.open();
    const events: AuditEvent[] = Array.from({ length: 300 }, () => sampleEvent());
    {
      await using spill = await spilling(file, audit);
      using _outage = begin(audit, file.path);
      for (const event of events.slice(0, 3)) await spill.append(event);
      await Promise.all(events.slice(3).map((event) => spill.append(event)));
    }
    await using again = await spilling(file, audit);
    const found = (await foundBy(again, {}, 1000)).map(({ id }) => id).toSorted();
    assert.deepEqual(found, events.map(({ id }) => id).toSorted());
    assert.equal((await verifyAudit({ ...file, heads: [START] })).faultCount, 0);
    await assert.rejects(Deno.stat(join(file.directory, "audit_spill.ndjson")));
  });
}

Deno.test("SpillingAuditLog brings back what a kill has left, each event once, and no half line [S33]", async () => {
  await using file = await auditFile();
  const path = join(file.directory, "audit_spill.ndjson");
  const [chained, spilled, cut] = [sampleEvent(), sampleEvent(), sampleEvent()];
  {
    await using audit = file.open();
    await audit.append(chained);
    await using spill = await spilling(file, audit);
    using _outage = OUTAGES["a foreign lock"]?.(audit, file.path);
    for (const event of [spilled, chained, cut]) await spill.append(event);
    assert.equal((await verifyAudit({ ...file, heads: [START] })).waiting, 3);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    const lines = await Deno.readTextFile(path);
    // What is closed now tries to bring back; what a kill leaves is put there again.
    await Deno.writeTextFile(`${path}.left`, lines.slice(0, -9));
    await Deno.remove(path);
  }
  await Deno.rename(`${path}.left`, path);
  await using audit = file.open();
  await using spill = await spilling(file, audit);
  const found = await foundBy(spill, {});
  assert.deepEqual(found.map(({ id }) => id).toSorted(), [chained.id, spilled.id].toSorted());
});

Deno.test("SpillingAuditLog refuses what its file has no room for [S33]", async () => {
  await using file = await auditFile();
  await using audit = file.open();
  await using spill = await spilling(file, audit, { maxBytes: 1000 });
  const ends = [];
  {
    using _outage = OUTAGES["a database that is only read"]?.(audit, file.path);
    for (let at = 0; at < 10; at += 1) ends.push(spill.append(sampleEvent()));
    await Promise.allSettled(ends);
  }
  const all = await Promise.allSettled(ends);
  const refused = all.filter((end) => end.status === "rejected");
  assert.ok(refused.length > 0 && refused.length < 10, `${refused.length} refused`);
  for (const end of refused) assert.ok(isUnavailable(end.reason));
});

/** What something else may have left in the spill file. */
const JUNK: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  "no JSON": "garbage",
  "another object": '{"type":"violation"}',
  "a number": "5",
  "an event that was spaced anew": JSON.stringify(JSON.parse(auditText(sampleEvent())), null, 1)
    .replaceAll("\n", ""),
  "an event of no type": auditText(sampleEvent()).replace("execution_finished", "praise"),
  "nothing": "",
  "bytes that are no UTF-8": new Uint8Array([0xff, 0xfe]),
  "brackets without end": "[".repeat(100_000),
};

for (const [what, junk] of Object.entries(JUNK)) {
  Deno.test(`SpillingAuditLog puts aside ${what}, tells of it, and brings back the rest [S33, B11]`, async () => {
    await using file = await auditFile();
    const events = Array.from({ length: 3 }, () => sampleEvent());
    const [first, ...others] = events.map((event) => `${auditText(event)}\n`);
    const bytes = new Blob([first ?? "", junk, "\n", ...others]);
    const path = join(file.directory, "audit_spill.ndjson");
    await Deno.writeFile(path, bytes.stream());
    const lines: Lines = [];
    await using audit = file.open();
    {
      const { waiting, faultCount } = await verifyAudit({ ...file, heads: [START] });
      assert.deepEqual([waiting, faultCount], [3, 1]);
      await using spill = await spilling(file, audit, { lines });
      assert.equal(spill.waiting, 0);
      await spill.append(sampleEvent({ id: "after" }));
    }
    await assert.rejects(Deno.stat(path));
    const found = await foundBy(audit, {});
    const told = found.filter(({ type }) => type === "violation");
    assert.deepEqual(told.map(({ details }) => details), [
      { code: "audit_spill_damaged", rules: [], count: 1 },
    ]);
    const ids = found.filter(({ type }) => type !== "violation").map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), [...events.map(({ id }) => id), "after"].toSorted());
    assert.ok(lines.includes("error audit_spill_damaged"), lines.join());
    const { faults, faultCount } = await verifyAudit({ ...file, heads: [START] });
    assert.equal(faultCount, 1);
    const [, name = ""] = /'(audit_spill\.bad-\w+\.ndjson)'/.exec(faults[0]?.what ?? "") ?? [];
    const kept = await Deno.readFile(join(file.directory, name));
    assert.deepEqual(kept, await new Blob([junk, "\n"]).bytes());
    await Deno.remove(join(file.directory, name));
    assert.equal((await verifyAudit({ ...file, heads: [START] })).faultCount, 0);
  });
}

Deno.test("SpillingAuditLog counts what waits, and complains while it lasts [S33, S37]", async () => {
  await using file = await auditFile();
  await using audit = file.open();
  const lines: Lines = [];
  {
    await using spill = await spilling(file, audit, { lines });
    assert.equal(spill.waiting, 0);
    using _outage = OUTAGES["a database that is only read"]?.(audit, file.path);
    for (let at = 0; at < 3; at += 1) await spill.append(sampleEvent());
    assert.equal(spill.waiting, 3);
    await using again = await spilling(file, audit, { lines });
    assert.equal(again.waiting, 3);
  }
  assert.ok(lines.includes("error audit_spilling") && lines.includes("warn audit_spill_stays"));
  await using spill = await spilling(file, audit);
  assert.equal(spill.waiting, 0);
});

auditLogContract("SpillingAuditLog", async () => {
  const file = await auditFile();
  return {
    open: () => new OpenedLater(file),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}, { durable: true });

/** A log that is opened by its first use. */
class OpenedLater {
  readonly #audit: OwningAuditLog;
  readonly #spill: Promise<SpillingAuditLog>;

  constructor(file: AuditFile) {
    this.#audit = file.open();
    this.#spill = spilling(file, this.#audit);
  }

  async append(...args: Parameters<SpillingAuditLog["append"]>): Promise<void> {
    await (await this.#spill).append(...args);
  }

  async search(...args: Parameters<SpillingAuditLog["search"]>) {
    return await (await this.#spill).search(...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#spill)[Symbol.asyncDispose]();
    await this.#audit[Symbol.asyncDispose]();
  }
}
