import { roleStoreContract } from "../../../tests/contracts/role_store.ts";
import { recordsTrial } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jRoleStore } from "./role_store.ts";

if (await areRunning("records")) {
  roleStoreContract("Neo4jRoleStore", async () => {
    const trial = await recordsTrial();
    return {
      open: () => new Neo4jRoleStore(trial.open().database),
      [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
    };
  }, { durable: true });
} else {
  Deno.test.ignore("Neo4jRoleStore: the contract of roles (needs Neo4j) [B2]", () => {});
}
