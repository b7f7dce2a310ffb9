import assert from "node:assert/strict";
import { projectText } from "../fixtures/compose_file.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { startPrivatePrometheus } from "../fixtures/private_prometheus.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { type Answer, type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import { openTcpProxy } from "../fixtures/tcp_proxy.ts";
import { alertRules, quickened, RULE_FILES } from "../observability/rule_files.ts";

/** A minute of the rules is a second here, and no window or `for` is shorter than five. */
const TIMES = 60;
const LEAST_SECONDS = 5;
const PATIENCE_SECONDS = 180;

const needed = await areInstalled("prometheus", "redis-server") &&
  await areRunning("neo4j", "records");

/** The rules that ship, of faster time; a machine is busy from 1 % on, as none is filled up for a test. */
async function rules(): Promise<string[]> {
  const texts = await Promise.all(RULE_FILES.map(projectText));
  return texts.map((text) => quickened(text, TIMES, LEAST_SECONDS).replaceAll("> 70\n", "> 1\n"));
}

const BETWEEN_MS = 10;

/** What asks on and on, one request after another, until it is disposed of. */
function repeated(request: () => Promise<Answer>): AsyncDisposable {
  let ended = false;
  let refused: Answer | null = null;
  const work = (async () => {
    while (!ended) {
      // A service that is away answers nobody; whoever asks goes on.
      const answer = await request().catch(() => null);
      if (answer?.status === 422) refused = answer;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
    assert.equal(refused, null, "the test asks for what cannot be");
  })();
  return { [Symbol.asyncDispose]: () => (ended = true, work) };
}

/** Everything that a service needs, each to be broken. */
async function startScene(stack: AsyncDisposableStack) {
  const graph = stack.use(await startPrivateNeo4j());
  const graphWay = stack.use(openTcpProxy(graph.port));
  const records = await recordsService();
  const recordsWay = stack.use(openTcpProxy(records.port));
  const redis = stack.use(await startPrivateRedis());
  const service = stack.use(
    await startService({
      ...UNLIMITED,
      NEO4J_URI: `bolt://127.0.0.1:${graphWay.port}`,
      NEO4J_PASSWORD: graph.password,
      RECORDS_BACKEND: "neo4j",
      RECORDS_NEO4J_URI: `bolt://127.0.0.1:${recordsWay.port}`,
      RECORDS_NEO4J_PASSWORD: records.password,
      REDIS_URL: redis.url,
      EXECUTION_CONCURRENCY: "1",
    }),
  );
  const targets = [new URL(service.url).host];
  const prometheus = stack.use(
    await startPrivatePrometheus({ targets, rules: await rules() }),
  );
  return { graph, graphWay, recordsWay, redis, service, prometheus };
}

type Scene = Awaited<ReturnType<typeof startScene>>;

interface Fault {
  readonly what: string;
  /** The alerts that it causes, each with a label of it where more than one thing could. */
  readonly alerts: readonly (readonly [alert: string, breaker?: string])[];
  /** Goes on until what it puts on the stack is disposed of. */
  begin(scene: Scene, stack: AsyncDisposableStack): Promise<void> | void;
}

let turn = 0;
const ask = (service: StartedService, n: number) =>
  service.post("/api/v1/graph_query", { cypher: "RETURN $n AS n", parameters: { n } });
const askAnew = (service: StartedService) => ask(service, turn += 1);

const FAULTS: readonly Fault[] = [
  {
    what: "a machine that is in use",
    alerts: [["UltimateMcpMemoryHigh"], ["UltimateMcpCpuHigh"]],
    begin: () => {},
  },
  {
    what: "callers who ask for nothing twice",
    alerts: [["UltimateMcpCacheHitRateLow"]],
    begin: ({ service }, stack) => void stack.use(repeated(() => askAnew(service))),
  },
  {
    what: "programs that do not end in time",
    alerts: [["UltimateMcpExecutionFailuresHigh"]],
    begin({ service }, stack) {
      const program = { code: "while True: pass", timeout_seconds: 0.5 };
      stack.use(repeated(() => service.execute(program)));
    },
  },
  {
    what: "more programs than places",
    alerts: [["UltimateMcpQueueWaitHigh"]],
    begin({ service }, stack) {
      const program = { code: "import time; time.sleep(0.4)" };
      for (let n = 0; n < 12; n += 1) stack.use(repeated(() => service.execute(program)));
    },
  },
  {
    what: "a records' database that refuses",
    alerts: [["UltimateMcpOutboxGrowing"]],
    async begin({ service, recordsWay }, stack) {
      await recordsWay.refuse();
      stack.defer(() => recordsWay.mend());
      stack.use(repeated(() => service.execute({ code: "print(1)" })));
    },
  },
  {
    what: "a Redis that is killed",
    alerts: [["UltimateMcpBreakerOpen", "cache"]],
    async begin({ redis, service }, stack) {
      await redis.kill();
      stack.defer(() => redis.restart());
      stack.use(repeated(() => askAnew(service)));
    },
  },
  {
    what: "a graph's database that answers late",
    alerts: [
      ["UltimateMcpLatencyHigh"],
      ["UltimateMcpLatencyBudgetBurnFast"],
      ["UltimateMcpLatencyBudgetBurnSlow"],
    ],
    begin({ graphWay, service }, stack) {
      graphWay.delayAnswers(300);
      stack.defer(() => graphWay.mend());
      for (let n = 0; n < 4; n += 1) stack.use(repeated(() => askAnew(service)));
    },
  },
  {
    what: "a graph's database that is killed",
    alerts: [
      ["UltimateMcpErrorRateHigh"],
      ["UltimateMcpBreakerOpen", "graph_read"],
      ["UltimateMcpAvailabilityBudgetBurnFast"],
      ["UltimateMcpAvailabilityBudgetBurnSlow"],
    ],
    async begin({ graph, service }, stack) {
      await graph.kill();
      stack.use(repeated(() => askAnew(service)));
    },
  },
  {
    what: "an instance that is killed",
    alerts: [["UltimateMcpInstanceDown"]],
    begin: ({ service }) => service.kill(),
  },
];

/** What no noise of the machine can make speak: all must be silent while all is well. */
const QUIET = [
  "UltimateMcpErrorRateHigh",
  "UltimateMcpBreakerOpen",
  "UltimateMcpExecutionFailuresHigh",
  "UltimateMcpOutboxGrowing",
  "UltimateMcpInstanceDown",
  "UltimateMcpAvailabilityBudgetBurnFast",
  "UltimateMcpAvailabilityBudgetBurnSlow",
];

async function firing({ prometheus }: Scene): Promise<string[]> {
  const alerts = (await prometheus.alerts()).filter(({ state }) => state === "firing");
  return alerts.flatMap(({ labels: { alertname = "", breaker } }) =>
    breaker === undefined ? [alertname] : [alertname, `${alertname} ${breaker}`]
  );
}

const nameOf = ([alert, breaker]: readonly [string, string?]) =>
  breaker === undefined ? alert : `${alert} ${breaker}`;

/** Until what a fault is to set off is silent, so that it is the fault that does. */
async function silent(scene: Scene, names: readonly string[]): Promise<void> {
  const own = names.filter((name) => QUIET.includes(name.split(" ")[0] ?? ""));
  await eventually(`silence before the fault: ${own}`, async () => {
    const speaking = await firing(scene);
    return own.some((name) => speaking.includes(name)) ? null : true;
  }, PATIENCE_SECONDS);
}

Deno.test({
  name: "each alert fires in a real Prometheus by its own fault, in faster time" +
    (needed ? "" : " (needs prometheus, redis-server, Neo4j)") + " [S41]",
  ignore: !needed,
  async fn(t) {
    await using stack = new AsyncDisposableStack();
    const scene = await startScene(stack);
    const seen = new Set<string>();
    await t.step("none of them while all is well", async () => {
      await using _asking = repeated(() => ask(scene.service, 0));
      await using _running = repeated(() => scene.service.execute({ code: "print(1)" }));
      const requests = 'job:ultimate_mcp_http_failures:ratio_rate1d{job="ultimate_mcp"}';
      await eventually("a minute of the rules' quarter of an hour", async () => {
        const [age] = await scene.prometheus.query("ultimate_mcp_process_uptime_seconds > 30");
        return age !== undefined && (await scene.prometheus.query(requests)).length > 0 || null;
      }, PATIENCE_SECONDS);
      const speaking = await firing(scene);
      assert.deepEqual(speaking.filter((alert) => QUIET.includes(alert)), []);
    });
    for (const { what, alerts, begin } of FAULTS) {
      await t.step(what, async () => {
        await using faults = new AsyncDisposableStack();
        await silent(scene, alerts.map(nameOf));
        await begin(scene, faults);
        for (const alert of alerts) {
          await eventually(`the alert ${nameOf(alert)}`, async () => {
            return (await firing(scene)).includes(nameOf(alert)) || null;
          }, PATIENCE_SECONDS);
          seen.add(alert[0]);
        }
      });
    }
    assert.deepEqual([...seen].sort(), (await alertRules()).map(({ alert }) => alert).sort());
  },
});
