import assert from "node:assert/strict";
import { summaryOf } from "../../../domain/execution/summary.ts";
import type { Waiting } from "../../../domain/ports/outbox.ts";
import { sampleRecord } from "../../../tests/contracts/execution_records.ts";
import { encodeRecord } from "./body.ts";
import { WaitingRuns } from "./waiting_runs.ts";

Deno.test("WaitingRuns has what an earlier start left, and what came since until the database has it [B2]", async () => {
  const left = [sampleRecord(), sampleRecord({ owner: "bob" }), sampleRecord()];
  const entries: Waiting[] = left.map((record, at) => {
    return { position: at + 1, id: record.id, body: encodeRecord(record) };
  });
  let fails = true;
  const runs = new WaitingRuns({
    // One at a time, as if each were long.
    after(position) {
      if (fails) return Promise.reject(new Error("away"));
      return Promise.resolve(entries.slice(position, position + 1));
    },
  });
  const [one, bobs, other] = left.map(summaryOf);
  const later = summaryOf(sampleRecord());
  runs.add("alice", later);
  await assert.rejects(runs.of("alice"), /away/);
  fails = false;
  assert.deepEqual(await runs.of("alice"), [later, one, other]);
  assert.deepEqual(await runs.of("bob"), [bobs]);
  assert.deepEqual(await runs.of("nobody"), []);
  runs.delete(later.id);
  runs.add("mallory", one ?? later);
  assert.deepEqual(await runs.of("alice"), [one, other]);
  assert.deepEqual(await runs.of("mallory"), []);
});
