import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  executionRecordsContract,
  isUnavailable,
  type RecordsPlace,
  sampleRecord,
} from "../../tests/contracts/execution_records.ts";
import { openExecutionRecords, type SqliteExecutionRecords } from "./execution_records.ts";
import { spawnProgram } from "./testdata/child_process.ts";

interface DatabaseFile extends RecordsPlace {
  readonly directory: string;
  readonly path: string;
  open(): SqliteExecutionRecords;
}

async function databaseFile(): Promise<DatabaseFile> {
  const directory = await Deno.makeTempDir({ prefix: "records-" });
  const path = join(directory, "records.sqlite");
  return {
    directory,
    path,
    open: () => openExecutionRecords({ path }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

executionRecordsContract("SqliteExecutionRecords", databaseFile, { durable: true });

Deno.test("SqliteExecutionRecords keeps acknowledged records through a kill -9", async () => {
  await using file = await databaseFile();
  await using child = spawnProgram("save_until_killed.ts", file.directory, file.path);
  const acknowledged: string[] = [];
  while (acknowledged.length < 200) acknowledged.push(await child.line() ?? assert.fail("ended"));
  acknowledged.push(...await child.kill());

  await using records = file.open();
  const found = await Promise.all(acknowledged.map((id) => records.find(id)));
  assert.equal(found.filter((record) => record === null).length, 0);
});

Deno.test("SqliteExecutionRecords save() shares transactions among 200 concurrent calls", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  await Promise.all(Array.from({ length: 200 }, () => records.save(sampleRecord())));
  const { transactions, pending } = records.stats();
  assert.ok(transactions <= 10, `${transactions} transactions`);
  assert.equal(pending, 0);
});

Deno.test("SqliteExecutionRecords save() resolves after the commit, not before", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  const record = sampleRecord();
  const saved = records.save(record);
  assert.equal(records.stats().pending, 1);
  await saved;
  using other = new DatabaseSync(file.path, { readOnly: true });
  const row = other.prepare("SELECT owner, outcome FROM execution_records WHERE id = ?")
    .get(record.id);
  assert.deepEqual({ ...row }, { owner: "alice", outcome: "timeout" });
});

Deno.test("SqliteExecutionRecords save() rejects a refused row alone", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  refuseOwner(file.path, { owner: "poison", how: "row" });
  const good = [sampleRecord(), sampleRecord()] as const;
  const verdicts = await Promise.allSettled([
    records.save(good[0]),
    records.save(sampleRecord({ owner: "poison" })),
    records.save(good[1]),
  ]);
  assert.deepEqual(verdicts.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  for (const record of good) assert.deepEqual(await records.find(record.id), record);
});

for (const how of ["rollback", "commit"] as const) {
  Deno.test(`SqliteExecutionRecords save() rejects every row when the transaction is lost by ${how}`, async () => {
    await using file = await databaseFile();
    await using records = file.open();
    refuseOwner(file.path, { owner: "poison", how });
    const lost = [sampleRecord(), sampleRecord({ owner: "poison" }), sampleRecord()];
    const verdicts = await Promise.allSettled(lost.map((record) => records.save(record)));
    for (const verdict of verdicts) {
      assert.ok(verdict.status === "rejected" && isUnavailable(verdict.reason));
    }
    for (const { id } of lost) assert.equal(await records.find(id), null);
    await records.save(sampleRecord());
  });
}

Deno.test("SqliteExecutionRecords save() recovers once a foreign lock is gone", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  const record = sampleRecord();
  {
    using other = new DatabaseSync(file.path);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(records.save(record), isUnavailable);
    assert.equal(await records.find(record.id), null);
    await records.ping();
  }
  await records.save(record);
  assert.deepEqual(await records.find(record.id), record);
});

Deno.test("SqliteExecutionRecords ping() rejects when the table is gone", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  using other = new DatabaseSync(file.path);
  other.exec("DROP TABLE execution_records");
  await assert.rejects(records.ping(), isUnavailable);
  await assert.rejects(records.find("x"), isUnavailable);
  await assert.rejects(records.save(sampleRecord()), isUnavailable);
});

Deno.test("openExecutionRecords() makes a file for its owner alone, logs included", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  await records.save(sampleRecord());
  for await (const { name } of Deno.readDir(file.directory)) {
    const { mode } = await Deno.stat(join(file.directory, name));
    assert.equal((mode ?? 0) & 0o777, 0o600, name);
  }
});

Deno.test("openExecutionRecords() refuses a newer database and leaves it as it is", async () => {
  await using file = await databaseFile();
  {
    using newer = new DatabaseSync(file.path);
    newer.exec("PRAGMA user_version = 999");
  }
  assert.throws(
    file.open,
    /Cannot open the records '.*': its schema has version 999, this program/,
  );
  using after = new DatabaseSync(file.path);
  assert.equal(after.prepare("PRAGMA user_version").get()?.["user_version"], 999);
});

Deno.test("openExecutionRecords() refuses a file that is no database", async () => {
  await using file = await databaseFile();
  await Deno.writeTextFile(
    file.path,
    "no database, but long enough to be looked at as one".repeat(99),
  );
  assert.throws(file.open, /Cannot open the records '.*': .*not a database/);
});

/** What the database does at the refused owner's row, all of which real faults do. */
const REFUSALS = {
  row: "SELECT RAISE(ABORT, 'refused');",
  rollback: "SELECT RAISE(ROLLBACK, 'refused');",
  /** An orphan is found only at the commit, which leaves the transaction open. */
  commit: "INSERT INTO orphans VALUES (1);",
};

function refuseOwner(
  path: string,
  { owner, how }: { owner: string; how: keyof typeof REFUSALS },
): void {
  using db = new DatabaseSync(path);
  db.exec(
    `CREATE TABLE parents (id INTEGER PRIMARY KEY);
     CREATE TABLE orphans (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
     CREATE TRIGGER refuse BEFORE INSERT ON execution_records WHEN NEW.owner = '${owner}'
     BEGIN ${REFUSALS[how]} END`,
  );
}
