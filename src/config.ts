import type { FileCaps } from "../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../domain/execution/limits.ts";
import { CODE_POLICIES, type CodePolicy } from "../domain/policy/finding.ts";
import type { HtmlPolicy } from "../domain/input/text.ts";
import type { LogLevel } from "../domain/ports/log.ts";
import {
  JAVASCRIPT_EXPECTED,
  type JavascriptSetting,
  javascriptSetting,
} from "./javascript_setting.ts";
import { CACHE_SETTING_NAMES, type CacheSetting, cacheSetting } from "./cache_setting.ts";
import { GRAPH_NAMES, graphFaults, type GraphSetting, graphSetting } from "./graph_setting.ts";
import { INBOUND_NAMES, type InboundSetting, inboundSetting, isHost } from "./inbound_setting.ts";
import { isLoopback, jwtFaults, type JwtSetting, jwtSetting } from "./jwt_setting.ts";
import { JOB_NAMES, jobsFaults, type JobsSetting, jobsSetting } from "./jobs_setting.ts";
import { mcpTokenSetting } from "./mcp_setting.ts";
import { isOciRuntime, OCI_EXPECTED, type OciSetting, ociSetting } from "./oci_setting.ts";
import { moduleNames } from "./preload_setting.ts";
import {
  RECORDS_NAMES,
  recordsFaults,
  type RecordsSetting,
  recordsSetting,
} from "./records_setting.ts";
import {
  RESILIENCE_NAMES,
  resilienceFaults,
  type ResilienceSetting,
  resilienceSetting,
} from "./resilience_setting.ts";
import { quoted, SettingReader } from "./setting_reader.ts";

/** Every setting that is read, by its name in the environment. */
export const SETTING_NAMES = [
  "HOST",
  "PORT",
  "ENVIRONMENT",
  "DATA_DIR",
  "JWT_SECRET",
  "JWKS_URL",
  "JWT_PUBLIC_KEY_FILE",
  "JWT_ISSUER",
  "JWT_AUDIENCE",
  "METRICS_TOKEN",
  "MCP_TOKEN",
  "MAX_BODY_MB",
  "SANITIZE_HTML",
  ...INBOUND_NAMES,
  ...CACHE_SETTING_NAMES,
  "PYTHON",
  "JAVASCRIPT_RUNTIME",
  "CODE_POLICY",
  "PYTHON_PACKAGES_DIR",
  "PYTHON_PRELOAD",
  "SANDBOX_RUNNER",
  "OCI_RUNTIME",
  "OCI_ROOTFS",
  "EXECUTION_POOL",
  "EXECUTION_CONCURRENCY",
  "EXECUTION_QUEUE",
  "EXECUTION_PER_USER",
  "EXECUTION_MAX_MEMORY_MB",
  "EXECUTION_MAX_CPU_SECONDS",
  "EXECUTION_MAX_PROCESSES",
  "EXECUTION_MAX_FILES_MB",
  "EXECUTION_MAX_FILES",
  "EXECUTION_MAX_FILES_OUT_MB",
  "EXECUTION_MAX_OUTPUT_KB",
  "RECORDS_RETENTION_DAYS",
  ...JOB_NAMES,
  ...GRAPH_NAMES,
  ...RECORDS_NAMES,
  ...RESILIENCE_NAMES,
  "LOG_LEVEL",
  "LOG_FORMAT",
] as const;

/** The name of a setting in the environment. */
export type SettingName = (typeof SETTING_NAMES)[number];

type Reader = SettingReader<SettingName>;

/** What the machine says of itself; defaults and bounds follow from it. */
export interface MachineFacts {
  readonly cpus: number;
  readonly totalMemoryBytes: number;
  /** The Deno binary that runs the service, which also runs JavaScript where nothing else is set. */
  readonly deno: string;
  /** Whether the log goes to a terminal. */
  readonly terminal: boolean;
}

/** Everything the service is told at start. */
export interface Config {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly environment: "development" | "production";
  readonly dataDir: string;
  readonly jwt: JwtSetting;
  /** `null`: metrics are answered to loopback only. */
  readonly metricsToken: string | null;
  /** What `deno task mcp` sends with each message; `null`: one is made, where that can be. */
  readonly mcpToken: string | null;
  readonly maxBodyBytes: number;
  /** What is done with HTML in text that is stored. */
  readonly sanitizeHtml: HtmlPolicy;
  /** Who may ask, and how often. */
  readonly inbound: InboundSetting;
  /** What is done about parts that fail. */
  readonly resilience: ResilienceSetting;
  readonly cache: CacheSetting;
  readonly graph: GraphSetting;
  readonly records: RecordsSetting;
  /** Audit events older than this go. */
  readonly retentionDays: number;
  readonly jobs: JobsSetting;
  readonly sandbox: {
    readonly runner: typeof RUNNERS[number];
    readonly oci: OciSetting;
    /** `null`: found on this machine. */
    readonly python: string | null;
    /** Python packages that every run can import; the folder need not be there. */
    readonly packagesDir: string;
    /** Modules imported before any run; `null`: the usual ones that are there. */
    readonly preload: readonly string[] | null;
    readonly deno: string;
    readonly javascript: JavascriptSetting;
    /** JavaScript processes kept started ahead of their programs. */
    readonly pool: number;
  };
  readonly execution: {
    /** Runs at once. */
    readonly concurrency: number;
    /** Runs waiting. */
    readonly queue: number;
    /** Runs that one user may have in hand, waiting ones among them. */
    readonly perUser: number;
    /** Sum of the memory limits of the runs at once, in MiB. */
    readonly memoryMb: number;
    readonly ceilings: ExecutionLimits;
    readonly fileCaps: FileCaps;
    /** What is done about what the policy finds in Python programs. */
    readonly policy: CodePolicy;
  };
  readonly log: { readonly level: LogLevel; readonly format: "json" | "pretty" };
}

/** The settings do not make a configuration. */
export class ConfigError extends Error {
  /** A sentence for each wrong setting, none with a secret in it. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    const count = faults.length === 1
      ? "1 setting is wrong"
      : `${faults.length} settings are wrong`;
    super(`Cannot start: ${count}: ${faults.join("; ")}`);
    this.name = "ConfigError";
    this.faults = faults;
  }
}

/** The distribution's own Python, which stands where none is set. */
export const USUAL_PYTHON = "/usr/bin/python3";

const RUNNERS = ["auto", "fork-server", "bubblewrap", "oci"] as const;
const MIB = 1024 * 1024;
const MEMORY_SHARE = 0.7;
const OPEN_FILES_CEILING = 1024;
const TIMEOUT_CEILING_SECONDS = 60;

/**
 * The configuration that the settings make for a command. An empty setting counts as not set.
 *
 * @throws {ConfigError} naming every wrong setting at once.
 */
export function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  facts: MachineFacts,
  command = "start",
): Config {
  const read = new SettingReader<SettingName>(env);
  const dataDir = read.text("DATA_DIR", isPath, "a path without commas") ?? "./data";
  const config: Config = {
    host: read.text("HOST", isHost, "an IP address or a host name") ?? "127.0.0.1",
    port: read.whole("PORT", 0, 65_535) ?? 8000,
    environment: read.choice("ENVIRONMENT", ["development", "production"]) ?? "development",
    dataDir,
    jwt: jwtSetting(read),
    metricsToken: read.secret("METRICS_TOKEN", tokenFaults),
    mcpToken: mcpTokenSetting(read),
    maxBodyBytes: (read.whole("MAX_BODY_MB", 1, 1024) ?? 8) * MIB,
    sanitizeHtml: read.choice("SANITIZE_HTML", ["keep", "escape"]) ?? "keep",
    inbound: inboundSetting(read),
    resilience: resilienceSetting(read),
    cache: cacheSetting(read),
    graph: graphSetting(read, facts.cpus),
    records: recordsSetting(read),
    retentionDays: read.whole("RECORDS_RETENTION_DAYS", 1, 3650) ?? 30,
    jobs: jobsSetting(read),
    sandbox: {
      runner: read.choice("SANDBOX_RUNNER", RUNNERS) ?? "auto",
      oci: ociSetting(
        read.text("OCI_RUNTIME", isOciRuntime, OCI_EXPECTED),
        read.text("OCI_ROOTFS", isAbsolutePath, ABSOLUTE_PATH),
      ),
      python: read.text("PYTHON", isAbsolutePath, ABSOLUTE_PATH),
      packagesDir: read.text("PYTHON_PACKAGES_DIR", isAbsolutePath, ABSOLUTE_PATH) ??
        `${dataDir}/python`,
      preload: moduleNames(read),
      deno: facts.deno,
      javascript: javascript(read) ?? { name: "deno", path: facts.deno },
      pool: read.whole("EXECUTION_POOL", 0, 256) ?? 8,
    },
    execution: execution(read, facts),
    log: {
      level: read.choice("LOG_LEVEL", ["debug", "info", "warn", "error"]) ?? "info",
      format: read.choice("LOG_FORMAT", ["json", "pretty"]) ??
        (facts.terminal ? "pretty" : "json"),
    },
  };
  const faults = [...read.faults, ...faultsTogether(config, env, command)];
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function execution(read: Reader, facts: MachineFacts): Config["execution"] {
  const machineMb = Math.max(1, Math.floor(facts.totalMemoryBytes / MIB));
  const concurrency = read.whole("EXECUTION_CONCURRENCY", 1, 1024) ?? Math.min(facts.cpus, 4) * 2;
  const queue = read.whole("EXECUTION_QUEUE", 0, 100_000) ?? 200;
  return {
    policy: read.choice("CODE_POLICY", CODE_POLICIES) ?? "warn",
    concurrency,
    queue,
    // Half of all places: nobody alone can keep everyone else out.
    perUser: read.whole("EXECUTION_PER_USER", 1, 101_024) ?? Math.ceil((concurrency + queue) / 2),
    memoryMb: Math.max(1, Math.floor(machineMb * MEMORY_SHARE)),
    ceilings: {
      timeoutSeconds: TIMEOUT_CEILING_SECONDS,
      memoryMb: read.whole("EXECUTION_MAX_MEMORY_MB", 1, machineMb) ?? Math.min(1024, machineMb),
      cpuSeconds: read.whole("EXECUTION_MAX_CPU_SECONDS", 1, 3600) ?? 60,
      processes: read.whole("EXECUTION_MAX_PROCESSES", 1, 32_768) ?? 128,
      openFiles: OPEN_FILES_CEILING,
      fileSizeMb: read.whole("EXECUTION_MAX_FILES_MB", 1, 65_536) ?? 16,
      outputKb: read.whole("EXECUTION_MAX_OUTPUT_KB", 1, 65_536) ?? 8192,
    },
    fileCaps: {
      maxFiles: read.whole("EXECUTION_MAX_FILES", 0, 1000) ?? 100,
      maxOutputBytes: (read.whole("EXECUTION_MAX_FILES_OUT_MB", 0, 64) ?? 8) * MIB,
    },
  };
}

function javascript(read: Reader): JavascriptSetting | null {
  const fits = (text: string) => isAbsolutePath(text) && javascriptSetting(text) !== null;
  const path = read.text("JAVASCRIPT_RUNTIME", fits, JAVASCRIPT_EXPECTED);
  return path === null ? null : javascriptSetting(path);
}

/** What is wrong with settings that are each right alone. */
function faultsTogether(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  command: string,
): string[] {
  const isOpen = config.environment === "development" && !isLoopback(config.host);
  const found = `found ${quoted(config.host)}`;
  return [
    ...(isOpen
      ? [`HOST must be a loopback address while ENVIRONMENT is 'development', ${found}`]
      : []),
    ...resilienceFaults(config.resilience),
    ...graphFaults(config.graph, env),
    ...recordsFaults(config.records, config.graph, env),
    ...jobsFaults(config, command),
    ...(command === "worker" ? [] : jwtFaults(config.environment, env)),
  ];
}

const ABSOLUTE_PATH = "an absolute path without commas";

function tokenFaults(text: string): string[] {
  // Anything else could not be sent in a header.
  return /^[!-~]{16,256}$/.test(text) ? [] : ["must be 16 to 256 visible ASCII characters"];
}

/** Deno's permission lists separate paths by commas. */
function isPath(text: string): boolean {
  return !/[,\p{Cc}]/u.test(text);
}

function isAbsolutePath(text: string): boolean {
  return text.startsWith("/") && isPath(text);
}

/** `HOST:PORT` as URLs and permissions have it: an IPv6 address stands in brackets. */
export function addressOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
