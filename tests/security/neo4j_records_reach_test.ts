import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { emptied, rowsOf, type ServerAddress } from "../fixtures/neo4j_records.ts";
import { type PrivateNeo4j, startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { type Answer, type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import { openTcpProxy, type TcpProxy } from "../fixtures/tcp_proxy.ts";
import { ATTEMPTS } from "./graph/attempts.ts";

/** A server for the graph that holds nothing back itself. */
const OPEN = {
  settings: {
    "dbms.security.allow_csv_import_from_file_urls": "true",
    "internal.dbms.cypher_ip_blocklist": "",
    "server.directories.import": "/",
  },
};

/** What somebody would ask who knows where the records are; `{port}` is a way to their server. */
const REACHES: readonly string[] = [
  "CALL db.labels() YIELD label RETURN label",
  "CALL db.propertyKeys() YIELD propertyKey RETURN propertyKey",
  "CALL db.relationshipTypes()",
  "CALL db.schema.visualization()",
  "CALL db.schema.nodeTypeProperties() YIELD nodeLabels RETURN nodeLabels",
  "CALL db.info() YIELD id RETURN id",
  "RETURN [x IN [1] | COLLECT { CALL db.labels() YIELD label RETURN label }] AS x",
  "SHOW INDEXES YIELD name, labelsOrTypes, properties WHERE name STARTS WITH '_umcp' RETURN *",
  "SHOW ALL INDEXES",
  "SHOW CONSTRAINTS YIELD name, labelsOrTypes RETURN name, labelsOrTypes",
  "SHOW TRANSACTIONS YIELD currentQuery, parameters RETURN currentQuery, parameters",
  "SHOW SETTINGS YIELD name, value RETURN name, value",
  "MATCH (n:GraphNode) RETURN n",
  "MATCH (n:_umcp_Migration) RETURN n",
  "MATCH (n:_umcp_MigrationLease) RETURN n.owner",
  "MATCH (n:`_umcp_MigrationLease` {name: 'migrations'}) RETURN n",
  "MATCH (n:$($label)) RETURN n",
  // The graph's own server knows it by this name: nothing but the service refuses these.
  "USE neo4j MATCH (n) RETURN n",
  "CYPHER 5 USE neo4j RETURN 1 AS x",
  "CALL { USE neo4j MATCH (n) RETURN n } RETURN n",
  "USE records MATCH (n) RETURN n",
  "USE system MATCH (n) RETURN n",
  "USE graph.byName('records') MATCH (n) RETURN n",
  "CALL { USE records MATCH (e:AuditEvent) RETURN e } RETURN e",
  "CALL { USE graph.byName($label) MATCH (e) RETURN e } RETURN e",
  "LOAD CSV FROM 'http://127.0.0.1:{port}/db/neo4j/tx/commit' AS line RETURN line",
  "LOAD CSV FROM 'https://localhost:{port}/' AS line RETURN line",
  "LOAD CSV FROM 'ftp://127.0.0.1:{port}/x' AS line RETURN line",
  "LOAD CSV FROM 'bolt://127.0.0.1:{port}' AS line RETURN line",
  "LOAD CSV FROM 'jar:http://127.0.0.1:{port}/x.jar!/x' AS line RETURN line",
  "MATCH (n) WHERE any(x IN [1] WHERE EXISTS { LOAD CSV FROM 'http://127.0.0.1:{port}/' AS l RETURN l }) RETURN n",
  "RETURN reduce(s = [], x IN [1] | s + COLLECT { LOAD CSV FROM 'http://[::1]:{port}/' AS l RETURN l }) AS x",
  "CALL apoc.bolt.load('bolt://127.0.0.1:{port}', 'MATCH (n) RETURN n')",
  "CALL apoc.load.jdbc('jdbc:neo4j:bolt://127.0.0.1:{port}', 'MATCH (n) RETURN n')",
  "RETURN apoc.cypher.runFirstColumnSingle('SHOW INDEXES', {}) AS x",
  "CALL dbms.listConfig() YIELD name, value RETURN name, value",
  "CALL dbms.listConnections()",
  "CALL dbms.routing.getRoutingTable({}, 'records')",
  "CALL dbms.queryJmx('org.neo4j:*')",
];

/** Honest questions that whatever else lies there would show in, with all that they may show. */
const HONEST: Readonly<Record<string, unknown>> = {
  "MATCH (n) RETURN n.key AS k ORDER BY k": [{ k: "ada" }, { k: "engine" }],
  "MATCH (n) UNWIND labels(n) AS l RETURN DISTINCT l ORDER BY l": [
    { l: "Machine" },
    { l: "Person" },
  ],
  "MATCH (n) UNWIND keys(n) AS k RETURN DISTINCT k ORDER BY k": [{ k: "born" }, { k: "key" }],
  "MATCH ()-[r]->() RETURN type(r) AS t, properties(r) AS p": [{ t: "WROTE_FOR", p: {} }],
  "MATCH (n:AuditEvent|AuditChain|ExecutionResult|ResultPiece|RevokedToken|User|Role) RETURN n": [],
  "MATCH (n) WHERE n.owner IS NOT NULL OR n.instance IS NOT NULL RETURN n": [],
  "MATCH (u:User)-[:HAS_ROLE]->(r:Role {name: 'admin'}) RETURN u": [],
  "MATCH (n) WHERE n.name = 'migrations' RETURN n": [],
};

const GRAPH = {
  nodes: [
    { key: "ada", labels: ["Person"], properties: { born: 1815 } },
    { key: "engine", labels: ["Machine"], properties: {} },
  ],
  relationships: [{ start: "ada", end: "engine", type: "WROTE_FOR", properties: {} }],
};

const ignore = !await areRunning("records");

Deno.test({
  name:
    "who may only query the graph reaches no record, role, revocation, audit event or marker of " +
    "migrations (needs Neo4j) [B2, S10]",
  ignore,
  async fn() {
    const records = await recordsService();
    await emptied(records);
    await using way = openTcpProxy(records.port);
    await using graph = await startPrivateNeo4j(OPEN);
    await using service = await startService({
      ...UNLIMITED,
      ...{ NEO4J_URI: graph.uri, NEO4J_PASSWORD: graph.password },
      ...{ RECORDS_BACKEND: "neo4j", RECORDS_NEO4J_URI: records.uri },
      RECORDS_NEO4J_PASSWORD: records.password,
    });
    const secrets = await leaveRecords(service, records);
    const before = await lyingIn(graph);
    const token = await service.tokenFor("vera", "viewer");
    const told: Answer[] = await Promise.all(
      [...REACHES, ...attempted(service)].map(async (cypher) => {
        const answer = await ask(service, token, filled(cypher, way));
        assert.equal(answer.status, 422, `${cypher}: ${answer.text}`);
        assert.match(String(answer.json.code), /^query_(invalid|not_read_only)$/, cypher);
        // Of a database that is not there, the server's own words would prove nothing.
        if (REACHES.includes(cypher) && /\bUSE\b/.test(cypher)) {
          assert.match(answer.text, /USE is not allowed/, cypher);
        }
        return answer;
      }),
    );
    for (const [cypher, results] of Object.entries(HONEST)) {
      const answer = await ask(service, token, cypher);
      assert.deepEqual([answer.status, answer.json.results], [200, results], cypher);
      told.push(answer);
    }
    told.push(...await overviews(service, token));
    for (const { text } of told) {
      for (const secret of secrets) assert.ok(!text.includes(secret), text);
    }
    assert.equal(way.taken, 0, "a statement has come to the records' server");
    assert.deepEqual(await lyingIn(graph), before);
  },
});

/** Has something of every kind recorded; gives what of it nobody may come to see. */
async function leaveRecords(
  service: StartedService,
  records: ServerAddress,
): Promise<readonly string[]> {
  const made = () => `secret-${crypto.randomUUID()}`;
  const [user, jti, output] = [made(), made(), made()];
  const run = await service.execute({ code: `print("${output}")` });
  const roles = await service.send(
    `/api/v1/users/${user}/roles`,
    { method: "PUT", body: JSON.stringify({ roles: ["developer"] }) },
    { headers: { "content-type": "application/json" } },
  );
  const revoked = await service.post("/api/v1/tokens/revoke", { jti });
  const written = await service.post("/api/v1/graph_upsert", GRAPH);
  assert.deepEqual([run, roles, revoked, written].map(({ status }) => status), [
    200,
    200,
    204,
    200,
  ]);
  const labels = await eventually("the records in their database", async () => {
    const rows = await rowsOf(
      records,
      "MATCH (n) UNWIND labels(n) AS l RETURN DISTINCT l ORDER BY l",
    );
    return rows.length >= 6 ? rows.map(({ l }) => l) : null;
  });
  assert.deepEqual(labels, KEPT);
  return [user, jti, output, String(run.json.id), "_umcp_migration"];
}

const KEPT = ["AuditChain", "AuditEvent", "ExecutionResult", "RevokedToken", "Role", "User"];

/** Kinds of what is tried on the graph elsewhere that reach for something else than the graph. */
const KINDS = new Set([
  ...["record", "address", "procedure", "transaction", "users and settings", "other database"],
  ...["show", "statistics", "built-in procedure", "plugin's function", "composite database"],
  ...["disguised subquery", "control characters for spaces", "label by a value"],
]);

/** All of those kinds, with the instance's own files for what must not be read. */
function attempted({ dataDir }: StartedService): string[] {
  return ATTEMPTS.filter(({ kind, answerable }) => KINDS.has(kind) && !answerable)
    .map(({ statement }) =>
      statement.replaceAll(/\{(file|record)\}/g, `${dataDir}/outbox.sqlite`)
        .replaceAll("{url}", "http://127.0.0.1:{port}/")
    );
}

function filled(cypher: string, { port }: TcpProxy): string {
  return cypher.replaceAll("{port}", String(port));
}

function ask(service: StartedService, token: string, cypher: string): Promise<Answer> {
  const parameters = { label: "_umcp_MigrationLease", ids: [] };
  return service.post("/api/v1/graph_query", { cypher, parameters }, { token });
}

/** What is told of the graph as a whole: its counts, the metrics, and, to an admin, an export. */
async function overviews(service: StartedService, token: string): Promise<Answer[]> {
  const counts = await service.get("/api/v1/graph/metrics", { token });
  assert.deepEqual(
    [counts.json.node_count, counts.json.labels, counts.json.relationship_types],
    [2, { Machine: 1, Person: 1 }, { WROTE_FOR: 1 }],
    counts.text,
  );
  const refused = await service.get("/api/v1/graph/export", { token });
  assert.equal(refused.status, 403);
  const exported = await service.get("/api/v1/graph/export");
  const lines = exported.text.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.filter(({ kind }) => kind === "node").map(({ key }) => key).sort(), [
    "ada",
    "engine",
  ]);
  return [counts, refused, exported, await service.get("/metrics")];
}

/** All nodes, relationships and schema of a server, past the product. */
async function lyingIn(server: PrivateNeo4j): Promise<unknown> {
  const statements = [
    "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties ORDER BY n.key",
    "MATCH (a)-[r]->(b) RETURN a.key AS a, type(r) AS type, properties(r) AS properties, b.key AS b",
    "SHOW INDEXES YIELD name, type, labelsOrTypes, properties RETURN * ORDER BY name",
    "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties RETURN * ORDER BY name",
  ];
  const found = [];
  for (const statement of statements) found.push(await rowsOf(server, statement));
  return found;
}
