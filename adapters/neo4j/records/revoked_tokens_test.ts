import { revokedTokensContract } from "../../../tests/contracts/revoked_tokens.ts";
import { localRevokedTokens, recordsTrial, rowsOf } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jRevokedTokens } from "./revoked_tokens.ts";

if (await areRunning("records")) {
  revokedTokensContract("Neo4jRevokedTokens", async (clock) => {
    const trial = await recordsTrial();
    return {
      open() {
        const { outbox, sqlite, ...parts } = trial.open();
        const local = localRevokedTokens(sqlite, clock);
        const own = { outbox: outbox("revocations"), local, everyMs: 50, clock };
        return new Neo4jRevokedTokens({ ...parts, ...own });
      },
      async stored() {
        const rows = await rowsOf(trial.options, "MATCH (t:RevokedToken) RETURN t.id AS id");
        return rows.map(({ id }) => JSON.parse(String(id)));
      },
      [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
    };
  }, { durable: true });
} else {
  Deno.test.ignore("Neo4jRevokedTokens: the contract of revocations (needs Neo4j) [B2]", () => {});
}
