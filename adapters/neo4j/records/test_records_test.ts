import { testRecordsContract } from "../../../tests/contracts/test_records.ts";
import { recordsTrial } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jTestRecords } from "./test_records.ts";

if (await areRunning("records")) {
  testRecordsContract("Neo4jTestRecords", async () => {
    const trial = await recordsTrial();
    return {
      open() {
        const { outbox, ...parts } = trial.open();
        return new Neo4jTestRecords({ ...parts, outbox: outbox("tests") });
      },
      [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
    };
  }, { durable: true });
} else {
  Deno.test.ignore(
    "Neo4jTestRecords: the contract of records of tests (needs Neo4j) [S19]",
    () => {},
  );
}
