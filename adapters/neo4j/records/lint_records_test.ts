import { lintRecordsContract } from "../../../tests/contracts/lint_records.ts";
import { recordsTrial } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jLintRecords } from "./lint_records.ts";

if (await areRunning("records")) {
  lintRecordsContract("Neo4jLintRecords", async () => {
    const trial = await recordsTrial();
    return {
      open() {
        const { outbox, ...parts } = trial.open();
        return new Neo4jLintRecords({ ...parts, outbox: outbox("lints") });
      },
      [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
    };
  }, { durable: true });
} else {
  Deno.test.ignore("Neo4jLintRecords: the contract of reports (needs Neo4j) [B2]", () => {});
}
