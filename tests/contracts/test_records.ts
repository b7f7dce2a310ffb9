import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import type { TestRecords } from "../../domain/ports/test_records.ts";
import type { TestRecord } from "../../domain/testing/record.ts";

/** A place where records of tests are kept, empty at first, and removed when it is closed. */
export interface TestRecordsPlace extends AsyncDisposable {
  /** Opens the records kept in this place; called again only after the ones before are closed. */
  open(): TestRecords;
}

/** A record with every field filled in, and whatever a test wants to be different. */
export function sampleTests(changes: Partial<TestRecord> = {}): TestRecord {
  const place = { file: "test_main.py", line: 3, durationSeconds: 0.25 };
  return {
    id: crypto.randomUUID(),
    owner: "alice",
    correlationId: "correlation-1",
    framework: "pytest",
    language: "python",
    outcome: "failed",
    returnCode: 1,
    message: null,
    counts: { passed: 1, failed: 1, errors: 0, skipped: 0, notRun: 0 },
    cases: [
      { ...place, name: "test_a", outcome: "passed", message: null },
      { ...place, name: "test_b[1]", outcome: "failed", message: "E   assert 1 == 2" },
    ],
    casesOmitted: 0,
    stdout: "1\n",
    stderr: "",
    stdoutTruncated: true,
    stderrTruncated: false,
    durationSeconds: 0.5,
    policyFindings: [{ rule: "eval-call", line: 1, column: 2, message: "'eval'" }],
    isolation: { runner: "fork-server", layers: ["pid-ns", "seccomp"], missing: ["cgroup-memory"] },
    createdAt: "2026-01-01T00:00:00.000Z",
    ...changes,
  };
}

/** Holds an implementation of {@link TestRecords} to its port's contract; `durable`: records outlive its closing. */
export function testRecordsContract(
  name: string,
  place: () => Promise<TestRecordsPlace>,
  { durable }: { readonly durable: boolean },
): void {
  const test = (behaviour: string, check: (at: TestRecordsPlace) => Promise<void>) =>
    Deno.test(`${name}: ${behaviour} [S19]`, async () => {
      await using at = await place();
      await check(at);
    });

  test("find() gives back every field as saved, and the first of an id", async (at) => {
    await using records = at.open();
    const one = sampleTests();
    const odd = sampleTests({ owner: "a\0\ud800é", stdout: "\0\r\n😀" + "x".repeat(1_500_000) });
    await Promise.all([records.save(one), records.save(odd)]);
    await records.save({ ...one, stdout: "other" });
    assert.deepEqual(await records.find(one.id), one);
    assert.deepEqual(await records.find(odd.id), odd);
    assert.equal(await records.find(crypto.randomUUID()), null);
    assert.equal(await records.find("\0\ud800"), null);
  });

  test(`what was saved ${durable ? "outlives" : "goes with"} its closing`, async (at) => {
    const one = sampleTests();
    const first = at.open();
    await first.save(one);
    await first[Symbol.asyncDispose]();
    await using again = at.open();
    assert.deepEqual(await again.find(one.id), durable ? one : null);
  });

  test("a closed store refuses", async (at) => {
    const records = at.open();
    await records[Symbol.asyncDispose]();
    for (const work of [records.save(sampleTests()), records.find("x")]) {
      await assert.rejects(work, (error) => isFailure(error, "dependency_unavailable"));
    }
  });
}
