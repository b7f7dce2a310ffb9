import { executionRecordsContract } from "../../../tests/contracts/execution_records.ts";
import { recordsTrial } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jExecutionRecords } from "./execution_records.ts";

if (await areRunning("records")) {
  executionRecordsContract("Neo4jExecutionRecords", async () => {
    const trial = await recordsTrial();
    return {
      open() {
        const { outbox, ...parts } = trial.open();
        return new Neo4jExecutionRecords({ ...parts, outbox: outbox("executions") });
      },
      [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
    };
  }, { durable: true });
} else {
  Deno.test.ignore("Neo4jExecutionRecords: the contract of records (needs Neo4j) [B2]", () => {});
}
