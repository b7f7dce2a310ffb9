import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { FACTS, faultsOf, parse, STRONG } from "../tests/fixtures/configuration.ts";
import { type Config, SETTING_NAMES, type SettingName } from "./config.ts";

Deno.test("parseConfig() makes a configuration from nothing", () => {
  deepStrictEqual(parse({}), {
    host: "127.0.0.1",
    port: 8000,
    environment: "development",
    dataDir: "./data",
    jwt: { secret: null, issuer: "ultimate-mcp", audience: "ultimate-mcp" },
    metricsToken: null,
    maxBodyBytes: 8_388_608,
    allowedHosts: [],
    retentionDays: 30,
    sandbox: {
      runner: "auto",
      oci: { isNamed: false, runtimes: ["crun", "runc"], rootfs: null },
      python: null,
      packagesDir: "./data/python",
      preload: null,
      deno: "/opt/deno",
      javascript: { name: "deno", path: "/opt/deno" },
      pool: 8,
    },
    execution: {
      policy: "warn",
      concurrency: 4,
      queue: 200,
      memoryMb: 2867,
      ceilings: {
        timeoutSeconds: 60,
        memoryMb: 1024,
        cpuSeconds: 60,
        processes: 128,
        openFiles: 1024,
        fileSizeMb: 16,
        outputKb: 8192,
      },
      fileCaps: { maxFiles: 100, maxOutputBytes: 8_388_608 },
    },
    log: { level: "info", format: "json" },
  });
});

Deno.test("parseConfig() takes defaults from the machine [S14]", () => {
  strictEqual(parse({}, { ...FACTS, cpus: 1 }).execution.concurrency, 2);
  strictEqual(parse({}, { ...FACTS, cpus: 64 }).execution.concurrency, 8);
  const small = parse({}, { ...FACTS, totalMemoryBytes: 512 * 1024 * 1024 });
  strictEqual(small.execution.ceilings.memoryMb, 512);
  strictEqual(small.execution.memoryMb, 358);
  strictEqual(parse({}, { ...FACTS, terminal: true }).log.format, "pretty");
});

const NOT_JAVASCRIPT =
  "JAVASCRIPT_RUNTIME must be an absolute path without commas of a file called deno, node, nodejs " +
  "or bun, with or without a version";

/** Each setting with a value that is taken, and where it shows. */
const GOOD: readonly [SettingName, string, (config: Config) => unknown, unknown][] = [
  ["HOST", "::1", (c) => c.host, "::1"],
  ["HOST", "127.8.9.1", (c) => c.host, "127.8.9.1"],
  ["HOST", "localhost", (c) => c.host, "localhost"],
  ["PORT", "0", (c) => c.port, 0],
  ["PORT", "65535", (c) => c.port, 65_535],
  ["ENVIRONMENT", "development", (c) => c.environment, "development"],
  ["DATA_DIR", "/var/lib/my data", (c) => c.dataDir, "/var/lib/my data"],
  ["JWT_SECRET", STRONG, (c) => c.jwt.secret, STRONG],
  ["JWT_ISSUER", "https://id.example.org/", (c) => c.jwt.issuer, "https://id.example.org/"],
  ["JWT_AUDIENCE", "tools", (c) => c.jwt.audience, "tools"],
  ["METRICS_TOKEN", "0123456789abcdef", (c) => c.metricsToken, "0123456789abcdef"],
  ["RECORDS_RETENTION_DAYS", "365", (c) => c.retentionDays, 365],
  ["MAX_BODY_MB", "1", (c) => c.maxBodyBytes, 1_048_576],
  ["ALLOWED_HOSTS", "A.example.org, ::1", (c) => c.allowedHosts, ["a.example.org", "::1"]],
  ["PYTHON", "/opt/python/bin/python3", (c) => c.sandbox.python, "/opt/python/bin/python3"],
  ["JAVASCRIPT_RUNTIME", "/usr/bin/nodejs", (c) => c.sandbox.javascript.name, "node"],
  ["JAVASCRIPT_RUNTIME", "/opt/n/node-24.1", (c) => c.sandbox.javascript.name, "node"],
  ["JAVASCRIPT_RUNTIME", "/root/.bun/bin/bun", (c) => c.sandbox.javascript.name, "bun"],
  ["JAVASCRIPT_RUNTIME", "/opt/bin/deno", (c) => c.sandbox.javascript.name, "deno"],
  ["JAVASCRIPT_RUNTIME", "/opt/bin/bun", (c) => c.sandbox.javascript.path, "/opt/bin/bun"],
  ["PYTHON_PACKAGES_DIR", "/srv/python", (c) => c.sandbox.packagesDir, "/srv/python"],
  ["PYTHON_PRELOAD", "numpy, scipy.stats", (c) => c.sandbox.preload, ["numpy", "scipy.stats"]],
  ["PYTHON_PRELOAD", "none", (c) => c.sandbox.preload, []],
  ["SANDBOX_RUNNER", "fork-server", (c) => c.sandbox.runner, "fork-server"],
  ["SANDBOX_RUNNER", "bubblewrap", (c) => c.sandbox.runner, "bubblewrap"],
  ["SANDBOX_RUNNER", "oci", (c) => c.sandbox.oci.runtimes, ["crun", "runc"]],
  ["OCI_RUNTIME", "runsc", (c) => c.sandbox.oci.runtimes, ["runsc"]],
  ["OCI_RUNTIME", "/opt/crun", (c) => c.sandbox.oci.isNamed, true],
  ["OCI_ROOTFS", "/srv/root", (c) => c.sandbox.oci.rootfs, "/srv/root"],
  ["EXECUTION_POOL", "0", (c) => c.sandbox.pool, 0],
  ["CODE_POLICY", "reject-strict", (c) => c.execution.policy, "reject-strict"],
  ["EXECUTION_CONCURRENCY", "16", (c) => c.execution.concurrency, 16],
  ["EXECUTION_QUEUE", "0", (c) => c.execution.queue, 0],
  ["EXECUTION_MAX_MEMORY_MB", "4096", (c) => c.execution.ceilings.memoryMb, 4096],
  ["EXECUTION_MAX_CPU_SECONDS", "120", (c) => c.execution.ceilings.cpuSeconds, 120],
  ["EXECUTION_MAX_PROCESSES", "8", (c) => c.execution.ceilings.processes, 8],
  ["EXECUTION_MAX_FILES_MB", "64", (c) => c.execution.ceilings.fileSizeMb, 64],
  ["EXECUTION_MAX_FILES", "7", (c) => c.execution.fileCaps.maxFiles, 7],
  ["EXECUTION_MAX_FILES_OUT_MB", "2", (c) => c.execution.fileCaps.maxOutputBytes, 2_097_152],
  ["EXECUTION_MAX_OUTPUT_KB", "16", (c) => c.execution.ceilings.outputKb, 16],
  ["LOG_LEVEL", "debug", (c) => c.log.level, "debug"],
  ["LOG_FORMAT", "pretty", (c) => c.log.format, "pretty"],
];

for (const [name, value, read, expected] of GOOD) {
  Deno.test(`parseConfig() takes ${name}=${name === "JWT_SECRET" ? "…" : value}`, () => {
    deepStrictEqual(read(parse({ [name]: value })), expected);
  });
}

/** Each setting with a value that is refused, and what is said of it. */
const BAD: readonly [SettingName, string, string][] = [
  [
    "HOST",
    "0.0.0.0",
    "HOST must be a loopback address while ENVIRONMENT is 'development', found '0.0.0.0'",
  ],
  [
    "HOST",
    "127.0.0.1.evil.org",
    "HOST must be a loopback address while ENVIRONMENT is 'development', found '127.0.0.1.evil.org'",
  ],
  ["HOST", "127.0.0.999", "HOST must be an IP address or a host name, found '127.0.0.999'"],
  [
    "RECORDS_RETENTION_DAYS",
    "0",
    "RECORDS_RETENTION_DAYS must be a whole number from 1 to 3650, found '0'",
  ],
  ["HOST", "a b", "HOST must be an IP address or a host name, found 'a b'"],
  ["PORT", "abc", "PORT must be a whole number from 0 to 65535, found 'abc'"],
  ["PORT", "65536", "PORT must be a whole number from 0 to 65535, found '65536'"],
  ["PORT", "-1", "PORT must be a whole number from 0 to 65535, found '-1'"],
  ["PORT", "0x50", "PORT must be a whole number from 0 to 65535, found '0x50'"],
  ["PORT", " 80", "PORT must be a whole number from 0 to 65535, found ' 80'"],
  ["ENVIRONMENT", "prod", "ENVIRONMENT must be 'development' or 'production', found 'prod'"],
  ["DATA_DIR", "/a,/etc", "DATA_DIR must be a path without commas, found '/a,/etc'"],
  ["JWT_SECRET", "tooshort", "JWT_SECRET must have at least 32 bytes of UTF-8, found 8"],
  ["JWT_ISSUER", "a b", "JWT_ISSUER must be 1 to 256 visible ASCII characters, found 'a b'"],
  ["JWT_AUDIENCE", "ü", "JWT_AUDIENCE must be 1 to 256 visible ASCII characters, found 'ü'"],
  ["METRICS_TOKEN", "hunter2", "METRICS_TOKEN must be 16 to 256 visible ASCII characters"],
  ["MAX_BODY_MB", "0", "MAX_BODY_MB must be a whole number from 1 to 1024, found '0'"],
  [
    "ALLOWED_HOSTS",
    "a.org:80",
    "ALLOWED_HOSTS must be host names without ports, separated by commas, found 'a.org:80'",
  ],
  [
    "ALLOWED_HOSTS",
    "*",
    "ALLOWED_HOSTS must be host names without ports, separated by commas, found '*'",
  ],
  ["PYTHON", "python3", "PYTHON must be an absolute path without commas, found 'python3'"],
  [
    "CODE_POLICY",
    "strict",
    "CODE_POLICY must be 'warn' or 'reject' or 'reject-strict' or 'off', found 'strict'",
  ],
  ["JAVASCRIPT_RUNTIME", "node", `${NOT_JAVASCRIPT}, found 'node'`],
  ["JAVASCRIPT_RUNTIME", "/opt/nodemon", `${NOT_JAVASCRIPT}, found '/opt/nodemon'`],
  ["JAVASCRIPT_RUNTIME", "/opt/bin/qjs", `${NOT_JAVASCRIPT}, found '/opt/bin/qjs'`],
  [
    "OCI_RUNTIME",
    "docker",
    "OCI_RUNTIME must be 'crun', 'runc', 'runsc' or an absolute path without commas, found 'docker'",
  ],
  ["OCI_ROOTFS", "root", "OCI_ROOTFS must be an absolute path without commas, found 'root'"],
  ["EXECUTION_POOL", "257", "EXECUTION_POOL must be a whole number from 0 to 256, found '257'"],
  [
    "PYTHON_PACKAGES_DIR",
    "site",
    "PYTHON_PACKAGES_DIR must be an absolute path without commas, found 'site'",
  ],
  [
    "PYTHON_PRELOAD",
    "num py",
    "PYTHON_PRELOAD must be 'none' or at most 16 module names, separated by commas, found 'num py'",
  ],
  [
    "SANDBOX_RUNNER",
    "none",
    "SANDBOX_RUNNER must be 'auto' or 'fork-server' or 'bubblewrap' or 'oci', found 'none'",
  ],
  [
    "EXECUTION_CONCURRENCY",
    "0",
    "EXECUTION_CONCURRENCY must be a whole number from 1 to 1024, found '0'",
  ],
  [
    "EXECUTION_QUEUE",
    "1e3",
    "EXECUTION_QUEUE must be a whole number from 0 to 100000, found '1e3'",
  ],
  [
    "EXECUTION_MAX_MEMORY_MB",
    "4097",
    "EXECUTION_MAX_MEMORY_MB must be a whole number from 1 to 4096, found '4097'",
  ],
  [
    "EXECUTION_MAX_CPU_SECONDS",
    "1.5",
    "EXECUTION_MAX_CPU_SECONDS must be a whole number from 1 to 3600, found '1.5'",
  ],
  [
    "EXECUTION_MAX_PROCESSES",
    "0",
    "EXECUTION_MAX_PROCESSES must be a whole number from 1 to 32768, found '0'",
  ],
  [
    "EXECUTION_MAX_FILES_MB",
    "big",
    "EXECUTION_MAX_FILES_MB must be a whole number from 1 to 65536, found 'big'",
  ],
  [
    "EXECUTION_MAX_FILES",
    "1001",
    "EXECUTION_MAX_FILES must be a whole number from 0 to 1000, found '1001'",
  ],
  [
    "EXECUTION_MAX_FILES_OUT_MB",
    "65",
    "EXECUTION_MAX_FILES_OUT_MB must be a whole number from 0 to 64, found '65'",
  ],
  [
    "EXECUTION_MAX_OUTPUT_KB",
    "65537",
    "EXECUTION_MAX_OUTPUT_KB must be a whole number from 1 to 65536, found '65537'",
  ],
  ["LOG_LEVEL", "INFO", "LOG_LEVEL must be 'debug' or 'info' or 'warn' or 'error', found 'INFO'"],
  ["LOG_FORMAT", "xml", "LOG_FORMAT must be 'json' or 'pretty', found 'xml'"],
];

for (const [name, value, fault] of BAD) {
  Deno.test(`parseConfig() refuses ${name}=${value}`, () => {
    deepStrictEqual(faultsOf({ [name]: value }), [fault]);
  });
}

Deno.test("parseConfig() is tested with a good and a bad value of every setting", () => {
  for (const name of SETTING_NAMES) {
    ok(GOOD.some(([good]) => good === name), `no good value of ${name}`);
    ok(BAD.some(([bad]) => bad === name), `no bad value of ${name}`);
  }
});

Deno.test("the launcher's permissions let it read every setting and nothing else", async () => {
  const { permissions } = JSON.parse(await Deno.readTextFile("deno.json"));
  deepStrictEqual(permissions.launch.env, [...SETTING_NAMES, "PATH", "HOME"]);
});

Deno.test("parseConfig() takes an empty setting as not set", () => {
  const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, ""]));
  deepStrictEqual(parse(empty), parse({}));
});
