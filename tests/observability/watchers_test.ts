import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  type ComposeService,
  healthCommand,
  projectText,
  readComposeFile,
} from "../fixtures/compose_file.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { parseConfig } from "../../src/config.ts";
import { startService, temporaryFolder } from "../fixtures/service.ts";
import { freePort } from "../services/ports.ts";
import { startAttached } from "../services/processes.ts";
import { bash } from "../services/programs.ts";
import { readDashboards } from "./dashboard_files.ts";
import { alertRules } from "./rule_files.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const TOKEN = crypto.getRandomValues(new Uint8Array(24)).toHex();
const MACHINE = { cpus: 2, totalMemoryBytes: 8 * 2 ** 30, deno: "deno", terminal: false };
const ENV = {
  JWT_SECRET: crypto.getRandomValues(new Uint8Array(48)).toHex(),
  METRICS_TOKEN: TOKEN,
  REDIS_PASSWORD: "not used",
  NEO4J_PASSWORD: "not used",
  RECORDS_NEO4J_PASSWORD: "not used",
  GRAFANA_PASSWORD: "not used",
};

const hasPrometheus = await areInstalled("prometheus", "wget");
const needs = hasPrometheus ? "" : " (needs prometheus, wget)";

async function configuration(path: string) {
  return parse(await projectText(path));
}

/** What is mounted where, of the project's own files. */
function mounts({ volumes }: ComposeService): Map<string, string> {
  const own = volumes.filter((it) => it.startsWith("./")).map((it) => it.split(":"));
  return new Map(own.map(([from = "", to = ""]) => [to, from.slice("./".length)]));
}

/** Whether a container may reach another by its name. */
function isNear(one: ComposeService | undefined, other: ComposeService | undefined): boolean {
  const names = (it: ComposeService | undefined): string[] => {
    const networks = it?.networks ?? [];
    return Array.isArray(networks) ? [...networks] : Object.keys(networks);
  };
  return names(one).some((network) => names(other).includes(network));
}

Deno.test("the Prometheus of compose.yaml scrapes every instance, by networks that lead there", async () => {
  const { services } = await readComposeFile(ENV);
  const { scrape_configs, rule_files } = await configuration("deploy/prometheus/prometheus.yml");
  const targets = scrape_configs.flatMap((
    { job_name, static_configs }: { job_name: string; static_configs: { targets: string[] }[] },
  ) => static_configs.flatMap((it) => it.targets.map((target) => [job_name, target])));
  const instances = targets.filter(([job]: [string]) => job === "ultimate_mcp");
  assert.deepEqual(instances.map(([, target]: string[]) => target), [
    "app1:8000",
    "app2:8000",
    "worker:8000",
  ]);
  for (const [, target] of targets) {
    const [name = "", port] = target.split(":");
    if (name === "localhost") continue;
    assert.ok(isNear(services.prometheus, services[name]), `${target} is out of reach`);
    assert.ok(["8000", "8888"].includes(port), target);
  }
  assert.deepEqual(rule_files, ["*.rules.yml"]);
  const windows = (await alertRules()).flatMap(({ expr }) => expr.match(/ratio_rate(\d+)d/g) ?? []);
  assert.ok(windows.length > 0 && services.prometheus?.command?.some((it) => it.endsWith("=30d")));
});

Deno.test({
  name:
    `the Prometheus of compose.yaml starts by its command, scrapes with the token, is healthy${needs} [S41]`,
  ignore: !hasPrometheus,
  async fn() {
    const { services: { prometheus } } = await readComposeFile(ENV);
    await using folder = await temporaryFolder();
    await using service = await startService({ METRICS_TOKEN: TOKEN });
    const port = freePort(Math.random());
    // The service itself would let a peer on loopback in without one.
    const shown = new Set<string | null>();
    const listening = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using other = Deno.serve(listening, ({ headers }) => {
      shown.add(headers.get("authorization"));
      return new Response("");
    });
    const instances = { app1: new URL(service.url).host, app2: `127.0.0.1:${other.addr.port}` };
    await placeConfiguration(folder.path, instances);
    const placed = [...prometheus!.entrypoint!, ...prometheus!.command!].map((word) =>
      word.replace("/tmp/metrics_token", `${folder.path}/token`)
        .replace("/etc/prometheus", folder.path)
        .replace("=/prometheus", `=${folder.path}/data`)
        .replace("0.0.0.0:9090", `127.0.0.1:${port}`)
    );
    const words = ["env", `METRICS_TOKEN=${TOKEN}`, ...placed];
    await using _process = await startAttached(words, `${folder.path}/log`);
    const check = healthCommand(prometheus!).map((word) => word.replace(":9090", `:${port}`));
    await eventually("a healthy Prometheus", async () => {
      return (await bash('exec "$@"', "-", ...check)).code === 0 ? true : null;
    }, 60);
    const ask = async (path: string) =>
      await (await fetch(`http://127.0.0.1:${port}${path}`)).json();
    await eventually("scraped instances", async () => {
      const { data } = await ask('/api/v1/query?query=up{job="ultimate_mcp"}');
      const up = data.result.filter(({ value }: { value: string[] }) => value[1] === "1");
      return up.length === 2 || null;
    }, 60);
    assert.deepEqual([...shown], [`Bearer ${TOKEN}`]);
    const { data: { groups } } = await ask("/api/v1/rules?type=alert");
    const alerts = groups.flatMap(({ rules }: { rules: { name: string }[] }) => rules);
    assert.equal(alerts.length, (await alertRules()).length);
    assert.equal((await Deno.stat(`${folder.path}/token`)).mode! & 0o777, 0o600);
  },
});

/** Puts what compose.yaml mounts into a folder: it leads to these instances, and scrapes at once. */
async function placeConfiguration(
  folder: string,
  { app1, app2 }: Readonly<Record<"app1" | "app2", string>>,
): Promise<void> {
  for await (const { name } of Deno.readDir(`${PROJECT}deploy/prometheus`)) {
    const text = await projectText(`deploy/prometheus/${name}`);
    const here = text.replace("/tmp/metrics_token", `${folder}/token`)
      .replace("app1:8000", app1)
      .replace("app2:8000", app2)
      .replaceAll(/(scrape|evaluation)_(interval|timeout): 1.s/g, "$1_$2: 1s");
    await Deno.writeTextFile(`${folder}/${name}`, here);
  }
}

Deno.test("the Grafana of compose.yaml is provisioned with the dashboards and their Prometheus", async () => {
  const { services: { grafana, prometheus } } = await readComposeFile(ENV);
  const mounted = mounts(grafana!);
  const folder = mounted.get("/etc/grafana/provisioning");
  const { providers: [provider] } = await configuration(`${folder}/dashboards/ultimate_mcp.yml`);
  assert.equal(mounted.get(provider.options.path), "deploy/grafana/dashboards");
  assert.equal(provider.type, "file");
  const home = grafana!.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? "";
  assert.ok((await readDashboards()).has(home.slice(provider.options.path.length + 1)));
  const { datasources: [source] } = await configuration(`${folder}/datasources/prometheus.yml`);
  assert.deepEqual([source.type, source.url], ["prometheus", "http://prometheus:9090"]);
  assert.ok(prometheus!.command!.includes("--web.listen-address=0.0.0.0:9090"));
  assert.ok(isNear(grafana, prometheus));
  const { global } = await configuration("deploy/prometheus/prometheus.yml");
  assert.equal(source.jsonData.timeInterval, global.scrape_interval);
  assert.equal(grafana!.environment.GF_SECURITY_ADMIN_PASSWORD, ENV.GRAFANA_PASSWORD);
});

Deno.test("every instance of compose.yaml sends traces and metrics to where the collector listens", async () => {
  const { services } = await readComposeFile(ENV);
  const { service: { pipelines }, receivers } = await configuration("deploy/otel_collector.yml");
  const [, port] = receivers.otlp.protocols.http.endpoint.split(":");
  for (const name of ["app1", "app2", "worker"]) {
    const { environment } = services[name]!;
    const { telemetry } = parseConfig(environment, MACHINE, name === "worker" ? name : "start");
    for (const kind of ["traces", "metrics"] as const) {
      assert.equal(telemetry[kind].otlp?.url, `http://collector:${port}/v1/${kind}`, name);
      assert.deepEqual(pipelines[kind].receivers, ["otlp"]);
    }
    assert.ok(isNear(services[name], services.collector), name);
  }
});

Deno.test("the collector's pipelines are made of what it configures, within its memory", async () => {
  const { services: { collector } } = await readComposeFile(ENV);
  const [path = ""] = [...mounts(collector!).values()];
  assert.equal(collector!.command?.[0], `--config=${[...mounts(collector!).keys()][0]}`);
  const { service, ...parts } = await configuration(path);
  assert.deepEqual(Object.keys(parts).sort(), ["exporters", "processors", "receivers"]);
  const used = new Set<string>();
  for (const [name, pipeline] of Object.entries(service.pipelines as Record<string, object>)) {
    assert.deepEqual(Object.keys(pipeline), ["receivers", "processors", "exporters"], name);
    for (const [kind, names] of Object.entries(pipeline as Record<string, string[]>)) {
      for (const part of names) {
        assert.ok(Object.hasOwn(parts[kind], part), `${name} names ${kind} '${part}'`);
        used.add(`${kind} ${part}`);
      }
    }
    assert.deepEqual((pipeline as { processors: string[] }).processors, [
      "memory_limiter",
      "batch",
    ]);
  }
  const made = Object.keys(parts).flatMap((kind) =>
    Object.keys(parts[kind]).map((it) => `${kind} ${it}`)
  );
  assert.deepEqual([...used].sort(), made.sort());
  assert.deepEqual(Object.keys(service.pipelines), ["traces", "metrics"]);
  assert.ok(parts.processors.memory_limiter.limit_mib < Number.parseInt(collector!.mem_limit));
  assert.equal(parts.receivers.otlp.protocols.http.endpoint, "0.0.0.0:4318");
});
