import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { Planted } from "../fixtures/planted.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import {
  runTask,
  type Settings,
  type StartedService,
  StartFailed,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";
import { areRunning, neo4jService } from "../fixtures/services.ts";
import { StdioCommand } from "../fixtures/stdio_command.ts";
import { SECRET } from "../fixtures/token_forge.ts";
import { startWorker } from "../fixtures/worker.ts";

const absent = !(await areRunning("neo4j") && await areInstalled("redis-server"));
const needs = absent ? " (needs Neo4j and redis-server)" : "";

/** A collector that takes nothing, and says again whatever it was sent. */
function echo(): AsyncDisposable & { readonly url: string; readonly sent: string[] } {
  const sent: string[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, ({ headers, url }) => {
    const said = `${url} ${JSON.stringify([...headers])}`;
    sent.push(said);
    return new Response(said, { status: 401, headers: { "x-said": encodeURIComponent(said) } });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, sent, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Asks for all that needs what refuses the service; what it answers. */
async function answersOf(service: StartedService): Promise<string[]> {
  const node = { key: "a", labels: ["A"], properties: {} };
  const asked = [
    () => service.get("/health/ready", { token: null }),
    () => service.post("/api/v1/graph_query", { cypher: "RETURN 1 AS n" }),
    () => service.post("/api/v1/graph_upsert", { nodes: [node], relationships: [] }),
    () => service.get("/api/v1/graph/metrics"),
    () => service.execute({ code: "import os; print(dict(os.environ))", cache: true }),
    () => service.get("/health/ready", { token: null }),
    () => service.get("/status"),
    () => service.get("/metrics", { token: null }),
    () => service.get("/api/v1/audit?limit=1000"),
  ];
  const answers: string[] = [];
  for (const ask of asked) answers.push((await ask()).text);
  return answers;
}

async function checkMigrate(planted: Planted, settings: Settings): Promise<void> {
  await using folder = await temporaryFolder();
  const migrated = await runTask(["migrate"], { ...settings, DATA_DIR: folder.path });
  assert.equal(migrated.code, 1);
  assert.match(migrated.stderr, /refuses the user or the password/);
  assert.deepEqual(planted.foundIn(migrated.stdout + migrated.stderr), []);
}

/** The events that MCP by stdio logs, each line by its schema, with a token that nobody takes. */
async function stdioEvents(planted: Planted, settings: Settings): Promise<string[]> {
  await using stdio = new StdioCommand({ ...settings, MCP_TOKEN: planted.plant("McpToken") });
  const { error } = await stdio.ask("tools/list");
  assert.ok(error !== undefined);
  await stdio.end();
  const said = stdio.log + stdio.strayOutput + JSON.stringify(error);
  assert.deepEqual(planted.foundIn(said), []);
  return logEntries(stdio.log).map(({ event }) => event);
}

/** Its log keeps to the schemas too. */
async function checkWorker(planted: Planted, settings: Settings): Promise<void> {
  await using worker = await startWorker({
    ...settings,
    ...{ RECORDS_BACKEND: "neo4j", RECORDS_NEO4J_URI: settings.NEO4J_URI ?? "" },
    ...{ RECORDS_NEO4J_DATABASE: "other", RECORDS_NEO4J_USER: "stranger-to-records" },
    RECORDS_NEO4J_PASSWORD: planted.plant("RecordsPassword"),
  });
  assert.equal(await worker.stop(), 0);
  const events = logEntries(worker.log()).map(({ event }) => event);
  assert.ok(events.includes("records_not_reached") && events.includes("stopping"), worker.log());
  assert.deepEqual(planted.foundIn(worker.log()), []);
}

/** Settings whose secrets are refused by whom they are meant for. */
function refusedSettings(
  planted: Planted,
  { graph, redis, collector }: Readonly<Record<"graph" | "redis" | "collector", string>>,
): Settings {
  return {
    ...{ LOG_LEVEL: "debug", LOG_FORMAT: "json", RETRY_ATTEMPTS: "1" },
    // Users of their own: the database locks whoever gives wrong passwords out for a while.
    ...{ NEO4J_URI: graph, NEO4J_USER: "stranger" },
    NEO4J_PASSWORD: `${planted.plant("GraphPassword")}:/@"`,
    REDIS_URL: `redis://stranger:${planted.plant("RedisPassword")}%40%2F@${new URL(redis).host}`,
    JWT_SECRET: planted.know("JwtSecret", SECRET),
    METRICS_TOKEN: planted.plant("MetricsToken0123"),
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector}/${planted.plant("CollectorPath")}`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20${btoa(`u:${planted.plant("Collector")}`)}`,
    ...{ OTEL_BSP_SCHEDULE_DELAY: "50", OTEL_METRIC_EXPORT_INTERVAL: "200" },
  };
}

Deno.test({
  name:
    "secrets of the settings that a database, a Redis and a collector refuse are told by no log, " +
    `answer, metric, command line or other command${needs} [S39, S37, S28]`,
  ignore: absent,
  async fn(t) {
    const planted = new Planted();
    const { uri } = await neo4jService();
    await using redis = await startPrivateRedis();
    await using collector = echo();
    const places = { graph: uri, redis: redis.url, collector: collector.url };
    const settings = refusedSettings(planted, places);
    await using service = await startService(settings);
    planted.know("Bearer", service.token);
    const answers = await answersOf(service);
    const reasons = [
      "graph_not_reached",
      "redis_lost",
      "traces_not_exported",
      "metrics_not_exported",
    ];
    await eventually(
      "the log's word of each refusal",
      () => reasons.every((event) => service.log.includes(`"${event}"`)) || null,
    );
    await t.step("no answer has one, though each refusal shows", () => {
      assert.match(answers[0] ?? "", /refuses the user or the password/);
      assert.deepEqual(planted.foundIn(answers.join()), []);
      // The search finds what there is: whom they are meant for has them.
      assert.deepEqual(planted.foundIn(collector.sent.join()), ["CollectorPath", "Collector"]);
    });
    await t.step("no command line has one", async () => {
      const lines = (await service.processes()).map(({ command }) => command);
      assert.ok(lines.length > 2);
      assert.deepEqual(planted.foundIn(lines.join("\n")), []);
    });
    await t.step("neither does migrate", () => checkMigrate(planted, settings));
    await t.step("neither does MCP by stdio, beside the service", async () => {
      const events = await stdioEvents(planted, { ...settings, DATA_DIR: service.dataDir });
      assert.ok(!events.includes("owns_data_directory"));
    });
    await t.step("neither does MCP by stdio, by itself", async () => {
      await using folder = await temporaryFolder();
      const events = await stdioEvents(planted, { ...settings, DATA_DIR: folder.path });
      assert.ok(events.includes("owns_data_directory"));
    });
    await t.step("neither does a worker", () => checkWorker(planted, settings));
    await t.step("no line of the log tells one", async () => {
      assert.equal(await service.stop(), 0);
      const told = new Set(logEntries(service.log).map(({ event }) => event));
      assert.deepEqual(reasons.filter((event) => !told.has(event as never)), []);
      assert.deepEqual(planted.foundIn(service.log), []);
    });
  },
});

Deno.test("settings that are refused are told without their secrets [S39, S28]", async () => {
  const planted = new Planted();
  const settings: Settings = {
    NEO4J_URI: `bolt://neo4j:${planted.plant("Graph")}@127.0.0.1:7687`,
    RECORDS_NEO4J_URI: `neo4j://${planted.plant("Records")}@127.0.0.1`,
    NEO4J_PASSWORD: `${planted.plant("Password")}\n`,
    REDIS_URL: `http://:${planted.plant("Redis")}@127.0.0.1`,
    JWKS_URL: `http://a.org/keys?key=${planted.plant("KeySet")}`,
    METRICS_TOKEN: ` ${planted.plant("Metrics")}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://u:${planted.plant("Endpoint")}@127.0.0.1`,
    OTEL_EXPORTER_OTLP_HEADERS: `key=${planted.plant("Headers")}%0A`,
  };
  const refused = await startService(settings).catch((error: unknown) => error);
  assert.ok(refused instanceof StartFailed);
  for (const name of Object.keys(settings)) assert.ok(refused.stderr.includes(name), name);
  assert.deepEqual(planted.foundIn(refused.stdout + refused.stderr), []);
});
