import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleRecord } from "../../tests/contracts/execution_records.ts";
import { sampleReport } from "../../tests/contracts/lint_records.ts";
import { sampleTests } from "../../tests/contracts/test_records.ts";
import { timedId } from "../../tests/fixtures/timed_id.ts";
import { openDatabase } from "./database.ts";
import { SqliteExecutionRecords } from "./execution_records.ts";
import { SqliteLintRecords } from "./lint_records.ts";
import { keepResultsFor } from "./result_retention.ts";
import { SqliteTestRecords } from "./test_records.ts";

const DAY_MS = 24 * 3600 * 1000;
const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const LONG = "x".repeat(300_000);

/** A record of some days ago; queued, if so said, some days before that. */
function record(days: number, { queuedDays = days, stdout = "" } = {}) {
  const id = timedId(NOW - queuedDays * DAY_MS);
  return sampleRecord({ id, stdout, createdAt: new Date(NOW - days * DAY_MS).toISOString() });
}

Deno.test("keepResultsFor() has results go that are too old, with their output, and no others [B7]", async () => {
  const directory = await Deno.makeTempDir({ prefix: "retention-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const database = stack.use(openDatabase({ path: join(directory, "records.sqlite") }));
  const records = stack.use(new SqliteExecutionRecords(database));
  const old = Array.from(
    { length: 50 },
    (_, at) => record(31 + at, { stdout: at % 2 ? LONG : "" }),
  );
  const kept = [record(29), record(29, { queuedDays: 40 }), record(0, { stdout: LONG })];
  await Promise.all([...old, ...kept].map((each) => records.save(each)));
  const lines: unknown[] = [];
  const log = { write: (...line: unknown[]) => void lines.push(line) };
  const clock = { now: () => NOW, monotonic: () => 0 };
  await using retention = keepResultsFor({ database, retentionDays: 30, clock, log });
  await retention.going;

  const found = await Promise.all([...old, ...kept].map(({ id }) => records.find(id)));
  assert.deepEqual(found, [...old.map(() => null), ...kept]);
  const pieces = database.db.prepare("SELECT DISTINCT output FROM output_pieces").all();
  assert.equal(pieces.length, 1);
  const before = new Date(NOW - 30 * DAY_MS).toISOString();
  assert.deepEqual(lines, [["info", "results_trimmed", { count: 50, before }]]);
});

Deno.test("keepResultsFor() tells of a database that fails, and leaves it alone [B7]", async () => {
  const directory = await Deno.makeTempDir({ prefix: "retention-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const database = stack.use(openDatabase({ path: join(directory, "records.sqlite") }));
  database.db.exec("ALTER TABLE execution_records RENAME TO elsewhere");
  const lines: unknown[] = [];
  const log = { write: (level: string, event: string) => void lines.push([level, event]) };
  const clock = { now: () => NOW, monotonic: () => 0 };
  await using retention = keepResultsFor({ database, retentionDays: 30, clock, log });
  await retention.going;
  assert.deepEqual(lines, [["error", "results_not_trimmed"]]);
});

Deno.test("keepResultsFor() has what came of tests and of linting go likewise [S18, S19]", async () => {
  const directory = await Deno.makeTempDir({ prefix: "retention-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const database = stack.use(openDatabase({ path: join(directory, "records.sqlite") }));
  const tests = stack.use(new SqliteTestRecords(database));
  const lints = stack.use(new SqliteLintRecords(database));
  const placed = [31, 29].map((days) => {
    const { id, createdAt } = record(days);
    return { id, createdAt };
  });
  for (const place of placed) {
    await tests.save(sampleTests(place));
    await lints.save(sampleReport(place));
  }
  const clock = { now: () => NOW, monotonic: () => 0 };
  await using retention = keepResultsFor({
    database,
    retentionDays: 30,
    clock,
    log: { write() {} },
  });
  await retention.going;
  for (const store of [tests, lints]) {
    const found = await Promise.all(placed.map(({ id }) => store.find(id)));
    assert.deepEqual(found.map((one) => one !== null), [false, true]);
  }
});
