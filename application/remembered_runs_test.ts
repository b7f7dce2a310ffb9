import assert from "node:assert/strict";
import { MemoryCache } from "../adapters/memory/cache.ts";
import { MemoryExecutionRecords } from "../adapters/memory/execution_records.ts";
import type { AuditFact } from "../domain/audit/event.ts";
import { sampleRecord } from "../tests/contracts/execution_records.ts";
import { sampleRequest } from "../tests/contracts/job_queue_samples.ts";
import { LoadCounts } from "./decorators/cached.ts";
import { EarlierRuns, isRememberedRun, type RememberedRun } from "./earlier_runs.ts";

/** A cache in which somebody else writes, until it is told to forget what that is. */
class ForgedCache extends MemoryCache<RememberedRun> {
  forged: RememberedRun | undefined;

  override get(key: string): RememberedRun | undefined {
    return this.forged ?? super.get(key);
  }

  override delete(key: string): void {
    this.forged = undefined;
    super.delete(key);
  }
}

Deno.test("EarlierRuns.answer() gives nobody another's record, whatever is remembered [S23, S29]", async () => {
  const cache = new ForgedCache({ maxSize: 9, monotonic: () => 0, resolutionMilliseconds: 0 });
  const records = new MemoryExecutionRecords();
  const told: AuditFact[] = [];
  const earlier = new EarlierRuns({
    ...{ cache, counts: new LoadCounts(), ttlSeconds: 60, records },
    audit: {
      record: (fact) => Promise.resolve(void told.push(fact)),
      refused: () => {},
      note: () => {},
      authenticated: () => Promise.resolve(),
    },
    ...{
      sha256: () => "digest",
      policy: "warn",
      toolchain: () => "",
      sleep: () => Promise.resolve(),
    },
  });
  const secret = "bob's own";
  await records.save(sampleRecord({ id: "bobs", owner: "bob", stdout: secret }));
  cache.forged = { id: "bobs", outcome: "ok" };
  const { signal } = new AbortController();
  const answer = await earlier.answer({
    request: sampleRequest(),
    context: { principal: { subject: "ada", roles: ["developer"] }, correlationId: "c", signal },
    watcher: undefined,
    run: () => Promise.resolve(sampleRecord({ id: "hers", owner: "ada" })),
  });
  assert.deepEqual([answer.owner, answer.id, answer.cached], ["ada", "hers", false]);
  assert.notEqual(answer.stdout, secret);
  assert.deepEqual(told, []);
});

Deno.test("isRememberedRun() takes what is remembered of a run and nothing else [S23]", () => {
  assert.ok(isRememberedRun({ id: "a", outcome: "ok" }));
  const others = [null, undefined, 1, "a", [], {}, { id: 1, outcome: "ok" }, { id: "a" }];
  for (const other of [...others, { id: "a", outcome: "error" }]) {
    assert.equal(isRememberedRun(other), false, JSON.stringify(other));
  }
});
