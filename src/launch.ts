/**
 * Starts the service with exactly the permissions that its configuration needs: they follow from
 * settings such as `PORT` and `DATA_DIR`, which a fixed list of permissions cannot.
 */

import { resolve } from "node:path";
import { addressOf, type Config, parseConfig, SETTING_NAMES, USUAL_PYTHON } from "./config.ts";
import { redisAddress } from "./cache_setting.ts";
import { collectorAddresses } from "./config_telemetry.ts";
import { readEnvironment, readSearchPath } from "./env.ts";
import { addressIn } from "./graph_setting.ts";
import { keySetAddress } from "./jwt_setting.ts";
import { machineFacts } from "./machine.ts";
import { untilOrphaned } from "./orphan.ts";
import { draftPath, SOCKET_HOST, socketPath } from "./socket_path.ts";

/** What can be started: `deno run`'s own options and the script. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  start: ["main.ts"],
  dev: ["main.ts", "--watch"],
  mcp: ["mcp.ts"],
  worker: ["worker.ts"],
  token: ["token.ts"],
  selftest: ["selftest.ts"],
  packages: ["packages.ts"],
  "audit:verify": ["audit_verify.ts"],
  migrate: ["migrate.ts"],
  "records:export": ["records_export.ts"],
  "records:import": ["records_import.ts"],
};
/** What a program reads besides the data directory and Deno's own file. */
const READABLE: Readonly<Record<string, readonly string[]>> = {
  selftest: [new URL("../tests/security/programs/", import.meta.url).pathname],
};
/** What a program may do with the file that it is told. */
const FILE_ACCESS: Readonly<Record<string, string>> = {
  "records:export": "write",
  "records:import": "read",
};
/** Without these V8 lets garbage triple the service's memory before it looks for any. */
const HEAP = "--v8-flags=--heap-growing-percent=50,--max-semi-space-size=4";
const SYSTEM_FACTS = ["cpus", "systemMemoryInfo", "loadavg", "statfs"];
const LIBRARIES_NAMES = [
  "LOG",
  "NODE_ENV",
  "MSGPACKR_NATIVE_ACCELERATION_DISABLED",
  "REDIS_DEBUG_MAINTENANCE",
  // What is set of OpenTelemetry is read in config_telemetry.ts.
  ...["", "METRICS_", "TRACES_"].flatMap((signal) =>
    ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"].map((file) =>
      `OTEL_EXPORTER_OTLP_${signal}${file}`
    )
  ),
];
const ASK_AGAIN_MS = 250;
/** What has an orderly stop: ten seconds for what is in hand, and some for what is closed after. */
const STOPPING = new Set(["start", "mcp", "worker"]);
/** What such a stop may take; compose.yaml gives a little more. */
const STOP_MS = 25_000;
/** What stopping takes at most, and a little. */
const WATCHER_MS = 12_000;

/** The Python that config.ts leaves to be found: the distribution's own, else the first on PATH. */
async function findPython(): Promise<string> {
  const folders = readSearchPath().PATH.split(":").filter((folder) => folder.startsWith("/"));
  for (const path of [USUAL_PYTHON, ...folders.map((folder) => `${folder}/python3`)]) {
    const found = await Deno.stat(path).then((info) => info.isFile, () => false);
    if (found && !path.includes(",")) return path;
  }
  return USUAL_PYTHON;
}

function permissions(name: string, config: Config, python: string): string[] {
  const dataDir = resolve(config.dataDir);
  const all = [
    `--allow-run=${python},${config.sandbox.deno}`,
    `--allow-env=${[...SETTING_NAMES, "PATH", "HOME", "DENO_DIR"]}`,
    // Libraries look there for their own debugging.
    `--ignore-env=${LIBRARIES_NAMES}`,
  ];
  // Everything else is done by the Python that it starts.
  if (name === "packages") {
    return [...all, `--allow-read=${config.sandbox.deno}`, "--allow-sys=systemMemoryInfo"];
  }
  const { jwksUrl, publicKeyFile } = config.jwt;
  const net = [
    ...ownAddresses(name, config),
    ...[socketPath(dataDir), draftPath(dataDir)].map((path) => `unix:${path}`),
    ...(jwksUrl ? [keySetAddress(jwksUrl)] : []),
    ...databaseAddresses(config),
    ...[redisAddress(config.cache.redisUrl) ?? []].flat(),
    ...collectorAddresses(config.telemetry),
  ];
  const readable = [dataDir, config.sandbox.deno, ...(publicKeyFile ? [publicKeyFile] : [])];
  return [
    ...all,
    `--allow-net=${net}`,
    `--allow-read=${[...readable, ...(READABLE[name] ?? [])]}`,
    `--allow-write=${dataDir}`,
    `--allow-sys=${[...SYSTEM_FACTS, ...(databasesOf(config).length > 0 ? ["osRelease"] : [])]}`,
  ];
}

/** Where a program itself listens. */
function ownAddresses(name: string, { host, port, jobs: { workerPort } }: Config): string[] {
  if (name === "mcp") return [SOCKET_HOST];
  if (name !== "worker") return [addressOf(host, port)];
  return workerPort === null ? [] : [addressOf(host, workerPort)];
}

/** Where the databases listen, if there are any. */
function databaseAddresses(config: Config): string[] {
  return databasesOf(config).flatMap(({ uri }) => addressIn(uri) ?? []);
}

/** The databases of the graph and of the records. */
function databasesOf({ graph, records }: Config): { readonly uri: string }[] {
  return [graph, records].flatMap(({ backend, neo4j }) => backend === "neo4j" ? [neo4j] : []);
}

/** Leave to use the file that the command names, and no other. */
function filePermissions(name: string, args: readonly string[]): string[] {
  const access = FILE_ACCESS[name];
  const file = args.find((arg) => !arg.startsWith("-"));
  if (access === undefined || file === undefined) return [];
  if (file.includes(",")) throw new Error(`Cannot use '${file}': its path has a comma`);
  return [`--allow-${access}=${resolve(file)}`];
}

async function launch([name = "start", ...args]: readonly string[]): Promise<number> {
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(`Cannot start '${name}': there is no such command`);
  const config = parseConfig(readEnvironment(), machineFacts(), name);
  const python = config.sandbox.python ?? await findPython();
  const [script = "", ...options] = program;
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", HEAP, ...options, ...permissions(name, config, python)],
      ...filePermissions(name, args),
      ...[new URL(script, import.meta.url).pathname, ...args],
    ],
    // Deno's own telemetry would take OpenTelemetry's globals, and send what nobody has looked at.
    env: { PYTHON: python, DATA_DIR: resolve(config.dataDir), OTEL_DENO: "false" },
  }).spawn();
  const stop = name === "dev" ? watcherStopper(child) : stopper(child, STOPPING.has(name));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stop(signal));
  }
  untilOrphaned().then(() => stop("SIGTERM"));
  const { code, signal } = await child.status;
  return name === "dev" && signal === "SIGTERM" ? 0 : code;
}

/** Passes signals on; a child that has to stop `inTime` is killed where it does not. */
function stopper(child: Deno.ChildProcess, inTime: boolean): (signal: Deno.Signal) => void {
  let stopping = false;
  return (signal) => {
    send(child, signal);
    if (inTime && !stopping) setTimeout(() => send(child, "SIGKILL"), STOP_MS);
    stopping = true;
  };
}

/**
 * Stops a service under Deno's watcher, which lives in the service's own process and outlives it,
 * waiting for a change. So SIGTERM is sent again and again: a service that is stopping heeds only the
 * first; the watcher alone ends by the next. SIGINT would end both at once, runs in hand and all.
 */
function watcherStopper(watcher: Deno.ChildProcess): () => void {
  let stopping = false;
  return () => {
    if (stopping) return;
    stopping = true;
    send(watcher, "SIGTERM");
    setInterval(() => send(watcher, "SIGTERM"), ASK_AGAIN_MS);
    setTimeout(() => send(watcher, "SIGKILL"), WATCHER_MS);
  };
}

/** The child may just have ended. */
function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "Cannot start: 'deno' is not on PATH";
  return error instanceof Error ? error.message : String(error);
}

try {
  Deno.exit(await launch(Deno.args));
} catch (error) {
  await Deno.stderr.write(new TextEncoder().encode(`${describeFailure(error)}\n`));
  Deno.exit(1);
}
