import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { BAD } from "../tests/fixtures/bad_settings.ts";
import { FACTS, faultsOf, parse, STRONG } from "../tests/fixtures/configuration.ts";
import { GOOD_TELEMETRY, TELEMETRY_DEFAULTS } from "../tests/fixtures/telemetry_settings.ts";
import { type Config, SETTING_NAMES, type SettingName } from "./config.ts";

const DEFAULTS: Config = {
  host: "127.0.0.1",
  port: 8000,
  environment: "development",
  dataDir: "./data",
  jwt: {
    secret: null,
    jwksUrl: null,
    publicKeyFile: null,
    issuer: "ultimate-mcp",
    audience: "ultimate-mcp",
  },
  metricsToken: null,
  mcpToken: null,
  maxBodyBytes: 8_388_608,
  sanitizeHtml: "keep",
  inbound: {
    allowedHosts: [],
    corsOrigins: [],
    trustedProxies: [],
    rateLimit: { perMinute: 3000, burst: 500 },
  },
  resilience: {
    retry: { attempts: 3, minSeconds: 0.2, maxSeconds: 10 },
    breakers: {
      read: { failureThreshold: 5, successThreshold: 2, timeoutSeconds: 30 },
      write: { failureThreshold: 3, successThreshold: 2, timeoutSeconds: 60 },
    },
  },
  cache: {
    backend: "memory",
    redisUrl: "",
    maxSize: 500,
    ttlSeconds: 3600,
    queryTtlSeconds: 300,
    metricsTtlSeconds: 60,
  },
  graph: {
    backend: "embedded",
    neo4j: {
      uri: "",
      user: "neo4j",
      password: "",
      database: "neo4j",
      pool: {
        size: 8,
        acquisitionSeconds: 5,
        lifetimeSeconds: 3600,
        keepAliveSeconds: 30,
        connectSeconds: 10,
      },
      retrySeconds: 15,
    },
  },
  records: {
    backend: "sqlite",
    neo4j: { uri: "", user: "neo4j", password: "", database: "neo4j" },
  },
  retentionDays: 30,
  jobs: { ttlSeconds: 86_400, quota: 100, concurrency: null, workerPort: null },
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
    perUser: 102,
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
  telemetry: TELEMETRY_DEFAULTS,
};

Deno.test("parseConfig() makes a configuration from nothing", () => {
  deepStrictEqual(parse({}), DEFAULTS);
});

Deno.test("parseConfig() takes defaults from the machine [S14]", () => {
  strictEqual(parse({}, { ...FACTS, cpus: 1 }).execution.concurrency, 2);
  strictEqual(parse({}, { ...FACTS, cpus: 64 }).execution.concurrency, 8);
  strictEqual(parse({}, { ...FACTS, cpus: 64 }).graph.neo4j.pool.size, 100);
  const small = parse({}, { ...FACTS, totalMemoryBytes: 512 * 1024 * 1024 });
  strictEqual(small.execution.ceilings.memoryMb, 512);
  strictEqual(small.execution.memoryMb, 358);
  strictEqual(parse({}, { ...FACTS, terminal: true }).log.format, "pretty");
});

const bitsOf = ({ bits }: { readonly bits: number }) => bits;

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
  ["JWKS_URL", "https://a.org/k?v=1", (c) => c.jwt.jwksUrl, "https://a.org/k?v=1"],
  ["JWT_PUBLIC_KEY_FILE", "/etc/k.pem", (c) => c.jwt.publicKeyFile, "/etc/k.pem"],
  ["JWT_ISSUER", "https://id.example.org/", (c) => c.jwt.issuer, "https://id.example.org/"],
  ["JWT_AUDIENCE", "tools", (c) => c.jwt.audience, "tools"],
  ["METRICS_TOKEN", "0123456789abcdef", (c) => c.metricsToken, "0123456789abcdef"],
  ["MCP_TOKEN", "eyJ.e30.c2ln", (c) => c.mcpToken, "eyJ.e30.c2ln"],
  ["RECORDS_RETENTION_DAYS", "365", (c) => c.retentionDays, 365],
  ["JOB_RESULT_TTL_SECONDS", "60", (c) => c.jobs.ttlSeconds, 60],
  ["JOB_QUOTA_PER_USER", "7", (c) => c.jobs.quota, 7],
  ["JOB_CONCURRENCY", "3", (c) => c.jobs.concurrency, 3],
  ["WORKER_PORT", "0", (c) => c.jobs.workerPort, 0],
  ["MAX_BODY_MB", "1", (c) => c.maxBodyBytes, 1_048_576],
  ["SANITIZE_HTML", "escape", (c) => c.sanitizeHtml, "escape"],
  ["ALLOWED_HOSTS", "A.example.org, ::1", (c) => c.inbound.allowedHosts, ["a.example.org", "::1"]],
  ["CORS_ORIGINS", "https://a.org:8443", (c) => c.inbound.corsOrigins, ["https://a.org:8443"]],
  ["CORS_ORIGINS", "http://a.b, https://c", (c) => c.inbound.corsOrigins.length, 2],
  ["TRUSTED_PROXIES", "10.0.0.0/8, ::1", (c) => c.inbound.trustedProxies.map(bitsOf), [104, 128]],
  ["RATE_LIMIT_PER_MINUTE", "60", (c) => c.inbound.rateLimit?.perMinute, 60],
  ["RATE_LIMIT_PER_MINUTE", "0", (c) => c.inbound.rateLimit, null],
  ["RATE_LIMIT_BURST", "7", (c) => c.inbound.rateLimit?.burst, 7],
  ["CACHE_BACKEND", "memory", (c) => c.cache.backend, "memory"],
  ["REDIS_URL", "rediss://cache:6380/2", (c) => c.cache.backend, "redis"],
  ["CACHE_MAX_SIZE", "7", (c) => c.cache.maxSize, 7],
  ["CACHE_TTL_SECONDS", "60", (c) => c.cache.ttlSeconds, 60],
  ["QUERY_CACHE_TTL_SECONDS", "0", (c) => c.cache.queryTtlSeconds, 0],
  ["METRICS_CACHE_TTL_SECONDS", "5", (c) => c.cache.metricsTtlSeconds, 5],
  ["EXECUTION_PER_USER", "3", (c) => c.execution.perUser, 3],
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
  ["GRAPH_BACKEND", "embedded", (c) => c.graph.backend, "embedded"],
  ["NEO4J_URI", "bolt+s://db.example.org", (c) => c.graph.backend, "neo4j"],
  ["NEO4J_URI", "neo4j://[::1]:7000", (c) => c.graph.neo4j.uri, "neo4j://[::1]:7000"],
  ["NEO4J_USER", "graph", (c) => c.graph.neo4j.user, "graph"],
  ["RECORDS_NEO4J_URI", "bolt://db:7688", (c) => c.records.neo4j.uri, "bolt://db:7688"],
  ["RECORDS_NEO4J_DATABASE", "records", (c) => c.records.neo4j.database, "records"],
  ["RECORDS_NEO4J_USER", "keeper", (c) => c.records.neo4j.user, "keeper"],
  ["RECORDS_NEO4J_PASSWORD", "pass-word", (c) => c.records.neo4j.password, "pass-word"],
  ["RECORDS_BACKEND", "sqlite", (c) => c.records.backend, "sqlite"],
  ["NEO4J_PASSWORD", "päss word", (c) => c.graph.neo4j.password, "päss word"],
  ["NEO4J_DATABASE", "graph.one", (c) => c.graph.neo4j.database, "graph.one"],
  ["NEO4J_MAX_POOL_SIZE", "50", (c) => c.graph.neo4j.pool.size, 50],
  ["NEO4J_ACQUISITION_TIMEOUT_SECONDS", "1", (c) => c.graph.neo4j.pool.acquisitionSeconds, 1],
  ["NEO4J_MAX_LIFETIME_SECONDS", "60", (c) => c.graph.neo4j.pool.lifetimeSeconds, 60],
  ["NEO4J_KEEP_ALIVE_SECONDS", "5", (c) => c.graph.neo4j.pool.keepAliveSeconds, 5],
  ["NEO4J_CONNECTION_TIMEOUT_SECONDS", "2", (c) => c.graph.neo4j.pool.connectSeconds, 2],
  ["NEO4J_MAX_RETRY_SECONDS", "0", (c) => c.graph.neo4j.retrySeconds, 0],
  ["RETRY_ATTEMPTS", "1", (c) => c.resilience.retry.attempts, 1],
  ["RETRY_MIN_SECONDS", "0.05", (c) => c.resilience.retry.minSeconds, 0.05],
  ["RETRY_MAX_SECONDS", "2", (c) => c.resilience.retry.maxSeconds, 2],
  ["BREAKER_READ", "7/1/0.5", (c) => Object.values(c.resilience.breakers.read), [7, 1, 0.5]],
  ["BREAKER_WRITE", "1/3/90", (c) => Object.values(c.resilience.breakers.write), [1, 3, 90]],
  ["LOG_LEVEL", "debug", (c) => c.log.level, "debug"],
  ["LOG_FORMAT", "pretty", (c) => c.log.format, "pretty"],
  ...GOOD_TELEMETRY,
];

for (const [name, value, read, expected] of GOOD) {
  Deno.test(`parseConfig() takes ${name}=${name === "JWT_SECRET" ? "…" : value}`, () => {
    const beside = name === "NEO4J_URI" ? { NEO4J_PASSWORD: STRONG } : {};
    deepStrictEqual(read(parse({ ...beside, [name]: value })), expected);
  });
}

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
  deepStrictEqual(permissions.launch.env, [...SETTING_NAMES, "PATH", "HOME", "DENO_DIR"]);
});

Deno.test("parseConfig() takes an empty setting as not set", () => {
  const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, ""]));
  deepStrictEqual(parse(empty), parse({}));
});
