import assert from "node:assert/strict";
import neo4j, { type Plan } from "neo4j-driver";
import { recordsService } from "../../../tests/fixtures/services.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { recordsTrial } from "../../../tests/fixtures/neo4j_records.ts";
import { LEASE_STATEMENTS } from "../migrations/lease.ts";
import { AUDIT_STATEMENTS } from "./audit_statements.ts";
import { EXECUTION_STATEMENTS } from "./execution_records.ts";
import { ARCHIVE_STATEMENTS } from "./records_archive.ts";
import { REVOCATION_STATEMENTS } from "./revoked_tokens.ts";
import { ROLE_STATEMENTS } from "./role_store.ts";

const STATEMENTS = [
  ...[...AUDIT_STATEMENTS, ...EXECUTION_STATEMENTS],
  ...ARCHIVE_STATEMENTS,
  ...[...LEASE_STATEMENTS, ...REVOCATION_STATEMENTS, ...ROLE_STATEMENTS],
];

/** Parameters of every statement, of the types that are sent. */
const PARAMETERS = {
  ...{ instance: "i", origin: "", sequence: 1n, hash: "", number: 1n, through: 1n, after: 0n },
  ...{ ids: ["a"], rows: [], id: "a", position: 0n, user: "a", roles: ["admin"], since: 0n },
  ...{ type: "t", userId: "u", correlationId: "c", from: "", to: "", time: "", place: 1n },
  ...{ limit: 1n, owner: "a", milliseconds: 1, sequences: [1n], now: 1 },
};

function operatorsOf(plan: Plan): string[] {
  return [plan.operatorType.replace(/@.*$/, ""), ...plan.children.flatMap(operatorsOf)];
}

/** `CREATE` looks for nothing. */
const LOOKS = /\b(MATCH|MERGE)\b/;

Deno.test({
  name: "every statement of the records has a plan that uses an index (needs Neo4j) [S6]",
  ignore: !await areRunning("records"),
  async fn() {
    await using trial = await recordsTrial();
    await trial.open().database.ready();
    const { uri, user, password } = await recordsService();
    await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password), { useBigInt: true });
    for (const statement of STATEMENTS) {
      const { summary: { plan } } = await driver.executeQuery(`EXPLAIN ${statement}`, PARAMETERS);
      assert.ok(plan, statement);
      const operators = operatorsOf(plan);
      const scans = operators.filter((name) => /AllNodesScan|ByLabelScan|TypeScan/.test(name));
      assert.deepEqual(scans, [], statement);
      if (!LOOKS.test(statement)) continue;
      assert.ok(
        operators.some((name) => /Index(Seek|Scan)/.test(name)),
        `${statement}: ${operators}`,
      );
    }
  },
});
