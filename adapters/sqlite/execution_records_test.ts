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

/** Long outputs that are hard to keep: cut through a pair, lone halves, NUL, a byte order mark. */
const LONG_OUTPUTS = {
  stdout: "\ufeff" + "x".repeat(262_142) + "😀\0'" + "<".repeat(600_000),
  stderr: "\x01".repeat(300_000) + "\udc00" + "é".repeat(300_000),
};

Deno.test("SqliteExecutionRecords keeps a long output whole, in bytes beside the record", async () => {
  await using file = await databaseFile();
  const long = sampleRecord(LONG_OUTPUTS);
  const oneSided = sampleRecord({ stdout: "", stderr: "y".repeat(262_145) });
  {
    await using records = file.open();
    await Promise.all([records.save(long), records.save(oneSided)]);
  }
  await using records = file.open();
  assert.deepEqual(await records.find(long.id), long);
  assert.deepEqual(await records.find(oneSided.id), oneSided);
  using db = new DatabaseSync(file.path, { readOnly: true });
  const row = db.prepare("SELECT max(length(record)) AS longest FROM execution_records").get();
  assert.ok(Number(row?.["longest"]) < 1000);
  const types = db.prepare(
    "SELECT typeof(piece) AS type, count(*) AS n FROM output_pieces GROUP BY 1",
  );
  // JSON stands only where a lone surrogate leaves no other way.
  assert.deepEqual(types.all().map(({ type, n }) => [type, n]), [["blob", 8], ["text", 1]]);
});

Deno.test("SqliteExecutionRecords leaves the event loop free while it saves and finds", async () => {
  await using file = await databaseFile();
  await using records = file.open();
  let turns = 0;
  let going = true;
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const record = sampleRecord({ stdout: "<".repeat(8_388_608) });
  await records.save(record);
  assert.ok(turns >= 30, `${turns} turns while saving`);
  turns = 0;
  assert.equal((await records.find(record.id))?.stdout, record.stdout);
  assert.ok(turns >= 30, `${turns} turns while finding`);
  going = false;
});

Deno.test("SqliteExecutionRecords closing settles a long save that has just begun", async () => {
  await using file = await databaseFile();
  const record = sampleRecord(LONG_OUTPUTS);
  const records = file.open();
  const saved = records.save(record);
  await records[Symbol.asyncDispose]();
  await saved;
  await using after = file.open();
  assert.deepEqual(await after.find(record.id), record);
});

Deno.test("openExecutionRecords() drops the pieces that no record has taken, and no others", async () => {
  await using file = await databaseFile();
  const kept = sampleRecord(LONG_OUTPUTS);
  {
    await using records = file.open();
    await records.save(kept);
    await records.save({ ...kept, stdout: "z".repeat(300_000) });
    await records.save(sampleRecord({ stdout: "small" }));
  }
  await using records = file.open();
  using db = new DatabaseSync(file.path, { readOnly: true });
  const outputs = db.prepare("SELECT DISTINCT output FROM output_pieces").all();
  assert.deepEqual(outputs.map(({ output }) => output), [1]);
  assert.deepEqual(await records.find(kept.id), kept);
});

Deno.test("openExecutionRecords() brings a database of the first version up to date", async () => {
  await using file = await databaseFile();
  const record = sampleRecord();
  // No record had files then.
  const { files: _, omittedFiles: __, omittedFileCount: ___, ...old } = record;
  {
    using db = new DatabaseSync(file.path);
    db.exec(
      `CREATE TABLE execution_records (
         id TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, correlation_id TEXT NOT NULL,
         language TEXT NOT NULL, outcome TEXT NOT NULL, created_at TEXT NOT NULL, record TEXT NOT NULL
       ) STRICT;
       PRAGMA user_version = 1;`,
    );
    db.prepare("INSERT INTO execution_records VALUES (?, 'a', 'c', 'python', 'ok', 't', ?)")
      .run(record.id, JSON.stringify(old));
  }
  await using records = file.open();
  assert.deepEqual(await records.find(record.id), record);
  const [listed] = await records.list("a", { limit: 1, before: null });
  assert.deepEqual([listed?.id, listed?.durationSeconds], [record.id, record.durationSeconds]);
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

Deno.test("SqliteExecutionRecords find() gives no findings for a record from before there were any [S17]", async () => {
  await using file = await databaseFile();
  const record = sampleRecord();
  {
    await using records = file.open();
    await records.save(record);
  }
  using other = new DatabaseSync(file.path);
  other.exec("UPDATE execution_records SET record = json_remove(record, '$.policyFindings')");
  await using records = file.open();
  assert.deepEqual(await records.find(record.id), { ...record, policyFindings: [] });
});
