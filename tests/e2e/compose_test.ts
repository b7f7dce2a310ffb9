import assert from "node:assert/strict";
import {
  type ComposeService,
  healthCommand,
  neo4jSettings,
  readComposeFile,
} from "../fixtures/compose_file.ts";
import { startComposedProxy } from "../fixtures/composed_proxy.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { areRunning, neo4jService, recordsService } from "../fixtures/services.ts";
import { runTask, type Settings, startService, temporaryFolder } from "../fixtures/service.ts";
import { freePort } from "../services/ports.ts";
import { endProcess, startAttached } from "../services/processes.ts";
import { bash } from "../services/programs.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const SECRET = crypto.getRandomValues(new Uint8Array(48)).toHex();
const SPOOFED = "203.0.113.9";

const needed = {
  redis: await areInstalled("redis-server", "redis-cli"),
  neo4j: await areRunning("neo4j", "records"),
  proxy: await areInstalled("haproxy"),
};

/** Runs a health check against the real service on another port; whether it is content. */
async function isHealthy(
  service: ComposeService,
  [from, to]: readonly [from: string, to: string],
  variables: readonly string[] = [],
): Promise<boolean> {
  const words = healthCommand(service).map((word) => word.replaceAll(from, to));
  return (await bash('exec env "$@"', "-", ...variables, ...words)).code === 0;
}

/** The Redis of compose.yaml: its own command and settings, on a port of loopback, in a folder. */
async function startComposedRedis({ command = [], environment }: ComposeService, folder: string) {
  const port = freePort(Math.random());
  const placed = command.map((word) =>
    word.replace("/usr/local/etc/", `${PROJECT}deploy/`)
      .replace(" - <<", ` --bind 127.0.0.1 --port ${port} - <<`)
  );
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const started = ["env", "-C", folder, ...variables, ...placed];
  const server = await startAttached(started, `${folder}/redis.log`);
  return { port, variables, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

Deno.test({
  name: "the Redis of compose.yaml asks for its password, evicts nothing and keeps what it has" +
    (needed.redis ? "" : " (needs redis-server)"),
  ignore: !needed.redis,
  async fn() {
    const { services } = await readComposeFile(environmentWith({}));
    await using folder = await temporaryFolder();
    await using redis = await startComposedRedis(services.redis!, folder.path);
    const port = ["redis-cli ", `redis-cli -p ${redis.port} `] as const;
    const isUp = async () => await isHealthy(services.redis!, port, redis.variables) || null;
    await eventually("a healthy Redis", isUp);
    assert.equal(await isHealthy(services.redis!, port), false, "healthy without the password");
    const ask = `env "$@" redis-cli -p ${redis.port} config get 'maxmemory*' 'append*' save`;
    const { stdout } = await bash(ask, "-", ...redis.variables);
    assert.match(stdout, /^maxmemory\n536870912$/m);
    assert.match(stdout, /^maxmemory-policy\nnoeviction$/m);
    assert.match(stdout, /^appendonly\nyes$/m);
    assert.match(stdout, /^save\n$/m, "it writes snapshots");
  },
});

Deno.test({
  name: "a Neo4j starts with the settings of compose.yaml, and is healthy then (needs Neo4j)",
  ignore: !needed.neo4j,
  async fn() {
    const { services } = await readComposeFile(environmentWith({}));
    const settings = neo4jSettings(services.graph!);
    assert.deepEqual(neo4jSettings(services.records!), settings);
    await using server = await startPrivateNeo4j({ settings });
    const port = ["/7687", `/${server.port}`] as const;
    assert.equal(await isHealthy(services.graph!, port), true);
    assert.equal(await isHealthy(services.records!, port), true);
    await server.kill();
    assert.equal(await isHealthy(services.graph!, port), false);
  },
});

/** What an instance of compose.yaml is told, but for where things are. */
async function settingsOf({ environment }: ComposeService, redis: number): Promise<Settings> {
  const [graph, records] = [await neo4jService(), await recordsService()];
  const { DATA_DIR: _, ...rest } = environment;
  const there = {
    HOST: "127.0.0.1",
    PORT: "0",
    TRUSTED_PROXIES: "127.0.0.1",
    REDIS_URL: environment.REDIS_URL?.replace("@redis:6379", `@127.0.0.1:${redis}`),
    NEO4J_URI: environment.NEO4J_URI?.replace("graph:7687", `127.0.0.1:${graph.port}`),
    RECORDS_NEO4J_URI: environment.RECORDS_NEO4J_URI
      ?.replace("records:7687", `127.0.0.1:${records.port}`),
  };
  const named = Object.entries({ ...rest, ...there }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named);
}

/** All of compose.yaml but the worker, its databases those of the tests. */
async function startComposed(stack: AsyncDisposableStack) {
  const { services } = await readComposeFile(environmentWith({
    NEO4J_PASSWORD: (await neo4jService()).password,
    RECORDS_NEO4J_PASSWORD: (await recordsService()).password,
  }));
  const folder = stack.use(await temporaryFolder()).path;
  const redis = stack.use(await startComposedRedis(services.redis!, folder));
  const start = async (name: "app1" | "app2") => {
    const settings = await settingsOf(services[name]!, redis.port);
    return stack.use(await startService(settings, { printsToken: false }));
  };
  const instances = await Promise.all([start("app1"), start("app2")]);
  const [APP1 = "", APP2 = ""] = instances.map(({ url }) => new URL(url).host);
  const log = `${folder}/proxy.log`;
  const proxy = stack.use(await startComposedProxy(services.proxy!, { APP1, APP2 }, log));
  const port = ["/8404", `/${proxy.health}`] as const;
  const isServing = () => isHealthy(services.proxy!, port);
  await eventually("the proxy's first instance", async () => await isServing() || null);
  const settings = await settingsOf(services.app1!, redis.port);
  const made = await runTask(["token", "--user", "ada", "--role", "admin"], settings);
  assert.equal(made.code, 0, made.stderr);
  return { services, instances, proxy, isServing, token: made.stdout.trim() };
}

type Composed = Awaited<ReturnType<typeof startComposed>>;

/** Asks the proxy, as a caller from another address who lies about it. */
async function ask({ proxy, token }: Composed, path: string, init: RequestInit = {}) {
  using client = Deno.createHttpClient({ localAddress: "127.0.0.2" });
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "x-forwarded-for": SPOOFED,
    forwarded: `for=${SPOOFED}`,
    ...init.headers as Record<string, string>,
  };
  const response = await fetch(`${proxy.url}${path}`, { ...init, headers, client });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, json: isJson ? JSON.parse(text) : {} };
}

const run = (code: string) => ({ method: "POST", body: JSON.stringify({ code }) });

/** Who asked for a run is who sent it to the proxy, whatever its headers said. */
async function checkAddress(composed: Composed, id: string): Promise<void> {
  const event = await eventually("the run in the audit", async () => {
    const { json } = await ask(composed, "/api/v1/audit?type=execution_finished&limit=20");
    const events: { address: string; details: { execution_id: string } }[] = json.events;
    return events.find(({ details }) => details.execution_id === id) ?? null;
  });
  assert.equal(event.address, "127.0.0.2");
}

/** A stream comes as it is written, and leaving it ends the run. */
async function checkStream(composed: Composed): Promise<void> {
  const left = new AbortController();
  const response = await fetch(`${composed.proxy.url}/api/v1/execute_code`, {
    ...run("import time\nprint('begun', flush=True)\ntime.sleep(50)"),
    headers: {
      authorization: `Bearer ${composed.token}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    signal: left.signal,
  });
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes("begun")) break;
  }
  left.abort();
  const [, id] = /"id":"([^"]+)"/.exec(text) ?? [];
  const { json } = await eventually("the record of what was left", async () => {
    const answer = await ask(composed, `/api/v1/executions/${id}`);
    return answer.status === 200 ? answer : null;
  });
  assert.deepEqual([json.outcome, json.stdout], ["cancelled", "begun\n"]);
}

Deno.test({
  name: "compose.yaml's proxy and services answer as one, and go on as one of them is killed" +
    (Object.values(needed).every(Boolean) ? "" : " (needs haproxy, redis-server, Neo4j)"),
  ignore: !Object.values(needed).every(Boolean),
  async fn() {
    await using stack = new AsyncDisposableStack();
    const composed = await startComposed(stack);
    const { services, instances, isServing } = composed;
    for (const { url } of instances) {
      const port = [":8000", `:${new URL(url).port}`] as const;
      assert.equal(await isHealthy(services.app1!, port), true);
      assert.equal(await isHealthy(services.app1!, [":8000", ":1"]), false);
    }
    const { status, json } = await ask(composed, "/api/v1/execute_code", run("print(6 * 7)"));
    assert.deepEqual([status, json.stdout], [200, "42\n"]);
    await checkAddress(composed, json.id);
    await checkStream(composed);
    const large = { method: "POST", body: `{"code": "${"#".repeat(9 * 2 ** 20)}"}` };
    assert.equal((await ask(composed, "/api/v1/execute_code", large)).status, 413);
    assert.equal((await ask(composed, "/metrics")).status, 404);
    await instances[0].kill();
    for (let turn = 0; turn < 20; turn += 1) {
      assert.equal((await ask(composed, "/status")).status, 200);
    }
    await instances[1].kill();
    await eventually("a proxy that says it has none", async () => await isServing() ? null : true);
  },
});

Deno.test({
  name: "the worker of compose.yaml starts by its command, is healthy then, and ends when told" +
    (needed.redis && needed.neo4j ? "" : " (needs redis-server, Neo4j)"),
  ignore: !needed.redis || !needed.neo4j,
  async fn() {
    const { password } = await recordsService();
    const env = environmentWith({ RECORDS_NEO4J_PASSWORD: password });
    const { services: { worker, redis } } = await readComposeFile(env);
    await using folder = await temporaryFolder();
    await using server = await startComposedRedis(redis!, folder.path);
    const port = freePort(Math.random());
    const settings = await settingsOf(worker!, server.port);
    const told = { ...settings, WORKER_PORT: `${port}`, DATA_DIR: `${folder.path}/data` };
    const variables = Object.entries(told).map(([name, value]) => `${name}=${value}`);
    const words = ["env", "-C", PROJECT, ...variables, ...worker!.command!];
    await using process = await startAttached(words, `${folder.path}/worker.log`);
    const isUp = async () => await isHealthy(worker!, [":8000", `:${port}`]) || null;
    await eventually("a healthy worker", isUp, 60);
    await endProcess(process.identity, 30);
    assert.equal(await isUp(), null);
    assert.match(await Deno.readTextFile(`${folder.path}/worker.log`), /"event":"stopping"/);
  },
});

/** What the secrets are in tests. */
function environmentWith(changes: Readonly<Record<string, string>>): Record<string, string> {
  return {
    JWT_SECRET: SECRET,
    METRICS_TOKEN: SECRET,
    REDIS_PASSWORD: "a-password-of-redis",
    NEO4J_PASSWORD: "not used",
    RECORDS_NEO4J_PASSWORD: "not used",
    GRAFANA_PASSWORD: "not used",
    ...changes,
  };
}
