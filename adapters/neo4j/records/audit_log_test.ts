import { auditLogContract } from "../../../tests/contracts/audit_log.ts";
import { recordsTrial } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jAuditLog } from "./audit_log.ts";

if (await areRunning("records")) {
  auditLogContract("Neo4jAuditLog", async () => {
    const trial = await recordsTrial();
    return {
      open() {
        const { outbox, ...parts } = trial.open();
        return new Neo4jAuditLog({ ...parts, outbox: outbox("audit"), instance: "one" });
      },
      [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
    };
  }, { durable: true });
} else {
  Deno.test.ignore("Neo4jAuditLog: the contract of an audit log (needs Neo4j) [B2]", () => {});
}
