import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { killProcess } from "../fixtures/kill.ts";
import { startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { bash } from "../fixtures/processes.ts";
import { type StartedService, startService, temporaryFolder } from "../fixtures/service.ts";
import { areRunning } from "../fixtures/services.ts";

const absent = !(await areRunning("neo4j") && await areInstalled("redis-server"));
const needs = absent ? " (needs Neo4j and redis-server)" : "";

interface Check {
  readonly status: string;
  readonly latency_seconds: number;
  readonly breaker?: string;
  readonly detail?: string;
}

type Checks = Readonly<Record<string, Check>>;

interface Change {
  readonly dependency: string;
  readonly from: string;
  readonly to: string;
}

/** One way for one dependency to be away, and how the service is without it. */
interface Absence {
  readonly what: string;
  readonly dependency: "graph" | "cache" | "sandbox";
  readonly without: "degraded" | "not_ready";
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** One check, held together: its status code, the worst of its parts, and what each part tells. */
async function check(service: StartedService): Promise<{ status: string; checks: Checks }> {
  const { status: code, json } = await service.get("/health/ready", { token: null });
  const [status, checks] = [String(json.status), json.checks as Checks];
  assert.equal(code, status === "not_ready" ? 503 : 200);
  const states = Object.values(checks).map(({ status }) => status);
  assert.equal(status, ["not_ready", "degraded", "ready"].find((state) => states.includes(state)));
  return { status, checks };
}

/** What the status tells of a dependency, the newest first. A busy machine may lose others for a moment. */
async function changesOf(service: StartedService, name: string): Promise<readonly string[]> {
  const { json } = await service.get("/status");
  const history = json.health_history as readonly Change[];
  return history.filter(({ dependency }) => dependency === name)
    .map(({ from, to }) => `${from} to ${to}`);
}

/** Until a check finds it so. */
async function isReady(service: StartedService, dependency: string): Promise<void> {
  await eventually(`the ${dependency} ready`, async () => {
    const { checks } = await check(service);
    return checks[dependency]?.status === "ready" || null;
  }, 60);
}

/** Takes it away, looks once, gives it back, and looks until it is there. */
async function endure(service: StartedService, absence: Absence): Promise<void> {
  const { dependency, without } = absence;
  await isReady(service, dependency);
  const before = await changesOf(service, dependency);
  await absence.begin();
  const { checks } = await check(service);
  assert.equal(checks[dependency]?.status, without, JSON.stringify(checks));
  assert.ok((checks[dependency]?.detail ?? "").length > 0);
  const gone = [`ready to ${without}`, ...before];
  assert.deepEqual(await changesOf(service, dependency), gone);
  await absence.end();
  await isReady(service, dependency);
  const back = [`${without} to ready`, ...gone];
  assert.deepEqual(await changesOf(service, dependency), back);
}

Deno.test({
  name:
    "a graph, a cache and a sandbox that are taken away show in the next check, in the status " +
    `and its history, and so does their return${needs} [S40]`,
  ignore: absent,
  async fn(t) {
    await using neo4j = await startPrivateNeo4j();
    await using redis = await startPrivateRedis();
    await using folder = await temporaryFolder();
    // A way to Python that can be taken away: without it no fork server starts.
    const python = `${folder.path}/python3`;
    const installed = async () => void await bash("-c", `ln -s /usr/bin/python3 '${python}'`);
    await installed();
    await using service = await startService({
      ...{ NEO4J_URI: neo4j.uri, NEO4J_PASSWORD: neo4j.password, REDIS_URL: redis.url },
      ...{ PYTHON: python, DATA_DIR: `${folder.path}/data`, LOG_FORMAT: "json" },
    });
    const broker = async () => {
      const [{ pid } = { pid: 0 }] = await service.forkServer();
      assert.ok(pid > 1);
      return pid;
    };
    const absences: readonly Absence[] = [
      {
        ...{ what: "a frozen graph", dependency: "graph", without: "degraded" },
        ...{ begin: () => neo4j.freeze(), end: () => neo4j.thaw() },
      },
      {
        ...{ what: "a graph that was stopped", dependency: "graph", without: "degraded" },
        ...{ begin: () => neo4j.stop(), end: () => neo4j.restart() },
      },
      {
        ...{ what: "a frozen cache", dependency: "cache", without: "degraded" },
        ...{ begin: () => redis.freeze(), end: () => redis.thaw() },
      },
      {
        ...{ what: "a killed cache", dependency: "cache", without: "degraded" },
        ...{ begin: () => redis.kill(), end: () => redis.restart() },
      },
      {
        ...{ what: "a frozen sandbox", dependency: "sandbox", without: "degraded" },
        begin: async () => void await bash("-c", `kill -STOP ${await broker()}`),
        end: async () => void await bash("-c", `kill -CONT ${await broker()}`),
      },
      {
        ...{ what: "a sandbox that cannot begin", dependency: "sandbox", without: "not_ready" },
        begin: async () => {
          await Deno.remove(python);
          await killProcess(await broker());
        },
        end: installed,
      },
    ];
    for (const absence of absences) await t.step(absence.what, () => endure(service, absence));
    await t.step(
      "a sandbox that was killed is there again, though nobody runs anything",
      async () => {
        const killed = await broker();
        await killProcess(killed);
        await isReady(service, "sandbox");
      },
    );
    const { json, text } = await service.execute({ code: "print(6 * 7)" });
    assert.equal(json.stdout, "42\n", text);
  },
});
