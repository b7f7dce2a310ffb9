import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import { type ExecutionRecord, OUTCOMES } from "../../domain/execution/outcome.ts";
import { summaryOf } from "../../domain/execution/summary.ts";
import type { ExecutionRecords } from "../../domain/ports/execution_records.ts";

/** A place where records are kept, empty at first, and removed when it is closed. */
export interface RecordsPlace extends AsyncDisposable {
  /** Opens the records kept in this place; called again only after the ones before are closed. */
  open(): ExecutionRecords;
}

/** What an implementation may do one way or the other; each way has its own test. */
export interface RecordsFeatures {
  /** Whether records outlive the closing of the store. */
  readonly durable: boolean;
}

interface ContractCase {
  readonly behaviour: string;
  check(records: ExecutionRecords): Promise<void>;
}

/** A record with every field filled in, and whatever a test wants to be different. */
export function sampleRecord(changes: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return {
    id: crypto.randomUUID(),
    owner: "alice",
    correlationId: "correlation-1",
    language: "python",
    outcome: "timeout",
    returnCode: 124,
    signal: "SIGKILL",
    limit: "timeout_seconds",
    stdout: "1\n",
    stderr: "",
    stdoutTruncated: true,
    stderrTruncated: false,
    durationSeconds: 0.011,
    cpuSeconds: 0.008,
    memoryPeakBytes: 9_437_184,
    files: [],
    omittedFiles: [],
    omittedFileCount: 0,
    isolation: { runner: "fork-server", layers: ["pid-ns", "seccomp"], missing: ["cgroup-memory"] },
    queueSeconds: 0,
    policyFindings: [{ rule: "eval-call", line: 1, column: 2, message: "'eval'" }],
    createdAt: "2026-01-01T00:00:00.000Z",
    ...changes,
  };
}

function listedId(n: number): string {
  return `01890000-0000-7000-8000-00000000000${n}`;
}

const CASES: readonly ContractCase[] = [
  {
    behaviour: "find() gives back every field as saved",
    async check(records) {
      const failed = sampleRecord();
      const fine = sampleRecord({ outcome: "ok", returnCode: 0, signal: null, limit: null });
      await records.save(failed);
      await records.save(fine);
      assert.deepEqual(await records.find(failed.id), failed);
      assert.deepEqual(await records.find(fine.id), fine);
    },
  },
  {
    behaviour: "find() gives null for an id never saved",
    async check(records) {
      await records.save(sampleRecord());
      assert.equal(await records.find(crypto.randomUUID()), null);
      assert.equal(await records.find(""), null);
      assert.equal(await records.find("' OR 1=1 --"), null);
    },
  },
  {
    behaviour: "save() keeps any text whole: NUL, quotes, lone surrogates, emoji, 1 MiB",
    async check(records) {
      const stdout = "\0'\";--\ud800\r\n😀" + "x".repeat(1_048_576);
      const record = sampleRecord({ owner: "a\0b'; --", stdout, stderr: "\udc00\0" });
      await records.save(record);
      assert.deepEqual(await records.find(record.id), record);
    },
  },
  {
    behaviour: "save() keeps files whole, of every byte, empty, and of megabytes [B5]",
    async check(records) {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const long = new Uint8Array(3_000_001).map((_, at) => at * 31 >> 3);
      const files = [
        { path: "every", content: every },
        { path: "empty", content: new Uint8Array() },
        { path: "é\0'; --", content: long },
        { path: "last", content: new Uint8Array([7]) },
      ];
      const omittedFiles = [
        { path: "big", size: 2 ** 40, reason: "too_large" },
        { path: "pipe", size: null, reason: "not_a_regular_file" },
      ] as const;
      const whole = sampleRecord({ files, omittedFiles, omittedFileCount: 7, stderr: "\udc00" });
      const few = sampleRecord({ files: files.slice(1, 2), stdout: "" });
      await Promise.all([records.save(whole), records.save(few)]);
      assert.deepEqual(await records.find(whole.id), whole);
      assert.deepEqual(await records.find(few.id), few);
    },
  },
  {
    behaviour: "save() of an id twice keeps the first record",
    async check(records) {
      const first = sampleRecord({ stdout: "first" });
      await records.save(first);
      await records.save({ ...first, owner: "mallory", stdout: "second" });
      assert.deepEqual(await records.find(first.id), first);
    },
  },
  {
    behaviour: "save() of an id twice at once keeps the first record",
    async check(records) {
      const first = sampleRecord({ stdout: "first" });
      await Promise.all([records.save(first), records.save({ ...first, stdout: "second" })]);
      assert.equal((await records.find(first.id))?.stdout, "first");
    },
  },
  {
    behaviour: "save() keeps the record as it was when called",
    async check(records) {
      const record = { ...sampleRecord(), stdout: "before" };
      const saved = records.save(record);
      record.stdout = "after";
      await saved;
      assert.equal((await records.find(record.id))?.stdout, "before");
    },
  },
  {
    behaviour: "save() takes hundreds at once and keeps each",
    async check(records) {
      const all = Array.from({ length: 300 }, (_, index) => sampleRecord({ stdout: `${index}` }));
      await Promise.all(all.map((record) => records.save(record)));
      const found = await Promise.all(all.map(({ id }) => records.find(id)));
      assert.deepEqual(found, all);
    },
  },
  {
    behaviour: "list() gives one owner's in parts, the last first, whatever comes in between",
    async check(records) {
      const owner = "a\0b'; --";
      const long = new Uint8Array(2_000_000);
      const mine = [3, 1, 5, 2, 4].map((n) =>
        sampleRecord({
          ...{ id: listedId(n), owner, durationSeconds: n / 8, outcome: OUTCOMES[n] ?? "ok" },
          ...(n === 3 && { stdout: "x".repeat(1_000_000), files: [{ path: "a", content: long }] }),
        })
      );
      await Promise.all(mine.map((record) => records.save(record)));
      await records.save(sampleRecord({ id: listedId(7), owner: "a" }));
      const newest = mine.toSorted((one, other) => one.id < other.id ? 1 : -1).map(summaryOf);
      assert.deepEqual(await records.list(owner, { limit: 10, before: null }), newest);
      assert.deepEqual(await records.list(owner, { limit: 2, before: null }), newest.slice(0, 2));
      await records.save(sampleRecord({ id: listedId(9), owner }));
      const before = listedId(4);
      assert.deepEqual(await records.list(owner, { limit: 2, before }), newest.slice(2, 4));
      assert.deepEqual(await records.list(owner, { limit: 2, before: listedId(1) }), []);
      assert.equal((await records.list(owner, { limit: 1, before: null }))[0]?.id, listedId(9));
      assert.equal((await records.list("a", { limit: 9, before: null })).length, 1);
      assert.deepEqual(await records.list("A", { limit: 9, before: null }), []);
    },
  },
  {
    behaviour: "ping() resolves while the store is open",
    check: (records) => records.ping(),
  },
  {
    behaviour: "closing settles the saves that are still pending, and twice is once",
    async check(records) {
      const saves = Array.from({ length: 100 }, () => records.save(sampleRecord()));
      await records[Symbol.asyncDispose]();
      await Promise.all(saves);
      await records[Symbol.asyncDispose]();
    },
  },
  {
    behaviour: "every method of a closed store rejects with dependency_unavailable",
    async check(records) {
      await records[Symbol.asyncDispose]();
      const calls = [
        () => records.save(sampleRecord()),
        () => records.find("x"),
        () => records.list("x", { limit: 1, before: null }),
        () => records.ping(),
      ];
      for (const call of calls) await assert.rejects(call, isUnavailable);
    },
  },
];

/** Whether an error is what a store that cannot be used rejects with. */
export function isUnavailable(error: unknown): boolean {
  return isFailure(error, "dependency_unavailable");
}

/**
 * Checks that an implementation keeps the contract of `ExecutionRecords`.
 *
 * `name` is the implementation's name, first in each test's name; `place` makes a new empty place.
 */
export function executionRecordsContract(
  name: string,
  place: () => Promise<RecordsPlace>,
  features: RecordsFeatures,
): void {
  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: ${behaviour}`, async () => {
      await using kept = await place();
      await using records = kept.open();
      await check(records);
    });
  }
  if (features.durable) Deno.test(`${name}: records outlive closing`, () => reopened(place, true));
  else Deno.test(`${name}: closing forgets the records`, () => reopened(place, false));
}

async function reopened(place: () => Promise<RecordsPlace>, kept: boolean): Promise<void> {
  await using store = await place();
  const record = sampleRecord();
  const before = store.open();
  const saved = before.save(record);
  await before[Symbol.asyncDispose]();
  await saved;
  await using after = store.open();
  assert.deepEqual(await after.find(record.id), kept ? record : null);
  const listed = await after.list(record.owner, { limit: 9, before: null });
  assert.deepEqual(listed, kept ? [summaryOf(record)] : []);
}
