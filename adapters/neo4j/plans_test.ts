import assert from "node:assert/strict";
import neo4j, { type Plan } from "neo4j-driver";
import { GRAPH_SCHEMA, itemsOf, RECORDS_SCHEMA } from "../../domain/graph/schema.ts";
import { placeAt } from "../../tests/fixtures/neo4j_graph.ts";
import { recordsTrial } from "../../tests/fixtures/neo4j_records.ts";
import {
  areRunning,
  type Neo4jService,
  neo4jService,
  recordsService,
} from "../../tests/fixtures/services.ts";
import { DELETE, DETACH, HELD, unrelateStatement } from "./deletion.ts";
import { NODES, RELATIONSHIPS } from "./entries.ts";
import { countsStatement, EACH, totalsWith } from "./metrics.ts";
import { creationOf, DROPS, SCHEMA_STATEMENTS } from "./migrations/items.ts";
import { LEASE_STATEMENTS } from "./migrations/lease.ts";
import { ENDS } from "./query.ts";
import { AUDIT_STATEMENTS } from "./records/audit_statements.ts";
import { EXECUTION_STATEMENTS } from "./records/execution_records.ts";
import { LINT_STATEMENTS } from "./records/lint_records.ts";
import { TEST_STATEMENTS } from "./records/test_records.ts";
import { ARCHIVE_STATEMENTS } from "./records/records_archive.ts";
import { EXPIRED_STATEMENTS, RETENTION_STATEMENTS } from "./records/result_retention.ts";
import { REVOCATION_STATEMENTS } from "./records/revoked_tokens.ts";
import { ROLE_STATEMENTS } from "./records/role_store.ts";
import { STARTED } from "./server_start.ts";
import {
  LABELLED_NODES,
  MISSING,
  nodesStatement,
  relationshipsStatement,
  TYPED_RELATIONSHIPS,
} from "./upsert.ts";

/** Those that look for something in the graph. */
const IN_GRAPH = [
  ...[MISSING, HELD, DELETE, DETACH, ENDS, unrelateStatement("T"), relationshipsStatement("T")],
  ...[nodesStatement([]), nodesStatement(["A"]), LABELLED_NODES],
];

/** Those that look for something in the records. */
const IN_RECORDS = [
  ...[...AUDIT_STATEMENTS, ...EXECUTION_STATEMENTS, ...TEST_STATEMENTS, ...LINT_STATEMENTS],
  ...[...ARCHIVE_STATEMENTS, ...RETENTION_STATEMENTS],
  ...[...LEASE_STATEMENTS, ...REVOCATION_STATEMENTS, ...ROLE_STATEMENTS],
];

/** Those that count, without a look at what is counted. */
const NAMES = [{ kind: "label", name: "A" }, { kind: "type", name: "T" }] as const;
const COUNTING = [totalsWith([]), totalsWith(NAMES), countsStatement(NAMES)];

/** Those that look for nothing, or for everything, and why. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  "there are many names, and not much that bears them": Object.values(EACH),
  "relationships are gone through while there are hardly any": [TYPED_RELATIONSHIPS],
  "there are a hundred results at most that are going": EXPIRED_STATEMENTS,
  "an export has everything": [NODES, RELATIONSHIPS],
  "it is about the schema": [
    ...SCHEMA_STATEMENTS,
    ...[...itemsOf(GRAPH_SCHEMA), ...itemsOf(RECORDS_SCHEMA)].map(creationOf),
    ...Object.values(DROPS),
  ],
  "it is about the database as such": ["RETURN 1", "CALL db.info() YIELD id", STARTED],
};

/** Parameters of every statement, of the types that are sent. */
const PARAMETERS = {
  ...{ instance: "i", origin: "", sequence: 1n, hash: "", number: 1n, through: 1n, after: 0n },
  ...{ ids: ["a"], rows: [], id: "a", position: 0n, user: "a", roles: ["admin"], since: 0n },
  ...{ type: "t", userId: "u", correlationId: "c", from: "", to: "", time: "", place: 1n },
  ...{ whole: "", limit: 1n, owner: "a", milliseconds: 1, sequences: [1n], now: 1 },
  ...{ before: "", first: "", positions: [0n] },
};

/** `CREATE` looks for nothing. */
const LOOKS = /\b(MATCH|MERGE)\b/;
const SEEKS = /Index(Seek|Scan)|ElementIdSeek/;
const SCANS = /AllNodesScan|ByLabelScan|RelationshipsScan|TypeScan/;
const ignore = !await areRunning("neo4j", "records");

function operatorsOf(plan: Plan): string[] {
  return [plan.operatorType.replace(/@.*$/, ""), ...plan.children.flatMap(operatorsOf)];
}

async function plansOf(
  { uri, user, password }: Neo4jService,
  statements: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const plans = new Map<string, readonly string[]>();
  await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password), { useBigInt: true });
  for (const statement of statements) {
    const { summary: { plan } } = await driver.executeQuery(`EXPLAIN ${statement}`, PARAMETERS);
    assert.ok(plan, statement);
    plans.set(statement, operatorsOf(plan));
  }
  return plans;
}

function checkSought(plans: ReadonlyMap<string, readonly string[]>): void {
  for (const [statement, operators] of plans) {
    assert.deepEqual(operators.filter((name) => SCANS.test(name)), [], statement);
    if (!LOOKS.test(statement)) continue;
    assert.ok(operators.some((name) => SEEKS.test(name)), `${statement}: ${operators}`);
  }
}

Deno.test({
  name: "every statement on the graph has a plan that uses an index (needs Neo4j) [S6, S9]",
  ignore,
  async fn() {
    const service = await neo4jService();
    await using _graph = await placeAt(service).open();
    checkSought(await plansOf(service, IN_GRAPH));
  },
});

Deno.test({
  name: "every statement on the records has a plan that uses an index (needs Neo4j) [S6]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    await trial.open().database.ready();
    checkSought(await plansOf(await recordsService(), IN_RECORDS));
  },
});

Deno.test({
  name: "the graph is counted from the counts that the database keeps (needs Neo4j) [S6, S9]",
  ignore,
  async fn() {
    for (const [statement, operators] of await plansOf(await neo4jService(), COUNTING)) {
      assert.deepEqual(operators.filter((name) => SCANS.test(name)), [], statement);
      for (const kept of ["NodeCountFromCountStore", "RelationshipCountFromCountStore"]) {
        assert.ok(operators.includes(kept), `${statement}: ${operators}`);
      }
    }
  },
});

/** Texts of source that are Cypher, or begin a piece of it; names that are put in part them. */
const CYPHER =
  /(["`])((?:OPTIONAL )?(?:MATCH|MERGE|CREATE|UNWIND|CALL|SHOW|DROP|DELETE|DETACH|SET|RETURN)\b(?:(?!\1)[^])*)\1/g;

Deno.test("every statement of this adapter is among those whose plans are looked at [S6]", async () => {
  const known = [...IN_GRAPH, ...IN_RECORDS, ...COUNTING, ...Object.values(OTHERS).flat()];
  const found: string[] = [];
  for await (const path of sources(new URL("./", import.meta.url))) {
    const source = await Deno.readTextFile(path);
    for (const [, , text = ""] of source.matchAll(CYPHER)) {
      found.push(text);
      for (const piece of text.split(/\$\{[^}]*\}/)) {
        assert.ok(
          known.some((statement) => statement.includes(piece)),
          `${path.pathname}: ${text}`,
        );
      }
    }
  }
  assert.ok(found.length >= 40, `${found.length} found`);
});

async function* sources(folder: URL): AsyncIterable<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && name !== "testdata") yield* sources(new URL(`${name}/`, folder));
    if (/(?<!_test)\.ts$/.test(name)) yield new URL(name, folder);
  }
}
