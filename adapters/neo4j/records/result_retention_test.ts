import assert from "node:assert/strict";
import { sampleRecord } from "../../../tests/contracts/execution_records.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { recordsTrial, rowsOf } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { timedId } from "../../../tests/fixtures/timed_id.ts";
import { Neo4jExecutionRecords } from "./execution_records.ts";
import { Neo4jResultRetention } from "./result_retention.ts";

const ignore = !await areRunning("records");
const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const LEFT =
  "MATCH (n) WHERE n:ExecutionResult OR n:ExpiredResult OR n:ResultPiece OR n:TestResult OR n:LintResult " +
  "RETURN count(n) AS count";

function record(days: number, stdout = "") {
  const at = NOW - days * 24 * 3600 * 1000;
  return sampleRecord({ id: timedId(at), createdAt: new Date(at).toISOString(), stdout });
}

Deno.test({
  name:
    "Neo4jResultRetention has results go that are too old, with their pieces, also by two at once, " +
    "and no others (needs Neo4j) [B7]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    const { outbox, ...parts } = trial.open();
    await using records = new Neo4jExecutionRecords({ ...parts, outbox: outbox("executions") });
    // Of a size that no packing brings down to one piece.
    const long = crypto.getRandomValues(new Uint8Array(3)).join() + "\u{1f600}é".repeat(400_000);
    const old = [record(31), record(45, long), record(99)];
    const kept = [record(29), record(0)];
    for (const each of [...old, ...kept]) await records.save(each);
    await eventually("all handed over", async () => {
      const waiting = await Promise.all([...old, ...kept].map(({ id }) => records.isWaiting(id)));
      return waiting.some(Boolean) ? null : true;
    }, 60);
    await rowsOf(
      trial.options,
      `MATCH (r:ExecutionResult {id: '${
        old[2]?.id
      }'}) SET r:ExpiredResult REMOVE r:ExecutionResult`,
    );

    for (const kind of ["TestResult", "LintResult"]) {
      for (const { id, createdAt } of [record(31), record(29)]) {
        await rowsOf(
          trial.options,
          `CREATE (:${kind} {id: '${id}', timestamp: '${createdAt}', body: ''})`,
        );
      }
    }

    const clock = { now: () => NOW, monotonic: () => 0 };
    const options = { ...parts, clock, retentionDays: 30 };
    {
      await using one = new Neo4jResultRetention(options);
      await using other = new Neo4jResultRetention(options);
      await Promise.all([one.trimmed, other.trimmed]);
      await using last = new Neo4jResultRetention(options);
      await last.trimmed;
    }
    const found = await Promise.all([...old, ...kept].map(({ id }) => records.find(id)));
    assert.deepEqual(found, [null, null, null, ...kept]);
    const [left] = await rowsOf(trial.options, LEFT);
    assert.equal(Number(left?.["count"]), 4);
  },
});
