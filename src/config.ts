import type { HtmlPolicy } from "../domain/input/text.ts";
import type { LogLevel } from "../domain/ports/log.ts";
import { CACHE_SETTING_NAMES, type CacheSetting, cacheSetting } from "./cache_setting.ts";
import {
  TELEMETRY_NAMES,
  telemetryFaults,
  type TelemetrySetting,
  telemetrySetting,
} from "./config_telemetry.ts";
import { EXECUTION_NAMES, type ExecutionSetting, executionSetting } from "./execution_setting.ts";
import { GRAPH_NAMES, graphFaults, type GraphSetting, graphSetting } from "./graph_setting.ts";
import { INBOUND_NAMES, type InboundSetting, inboundSetting, isHost } from "./inbound_setting.ts";
import { isLoopback, jwtFaults, type JwtSetting, jwtSetting } from "./jwt_setting.ts";
import { JOB_NAMES, jobsFaults, type JobsSetting, jobsSetting } from "./jobs_setting.ts";
import { mcpTokenSetting } from "./mcp_setting.ts";
import { isPath } from "./path_setting.ts";
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
import { SANDBOX_NAMES, type SandboxSetting, sandboxSetting } from "./sandbox_setting.ts";
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
  ...SANDBOX_NAMES,
  ...EXECUTION_NAMES,
  "RECORDS_RETENTION_DAYS",
  ...JOB_NAMES,
  ...GRAPH_NAMES,
  ...RECORDS_NAMES,
  ...RESILIENCE_NAMES,
  "LOG_LEVEL",
  "LOG_FORMAT",
  ...TELEMETRY_NAMES,
] as const;

/** The name of a setting in the environment. */
export type SettingName = (typeof SETTING_NAMES)[number];

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
  readonly sandbox: SandboxSetting;
  readonly execution: ExecutionSetting;
  readonly log: { readonly level: LogLevel; readonly format: "json" | "pretty" };
  /** Where metrics and traces are sent. */
  readonly telemetry: TelemetrySetting;
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

const MIB = 1024 * 1024;

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
    sandbox: sandboxSetting(read, dataDir, facts),
    execution: executionSetting(read, facts),
    log: {
      level: read.choice("LOG_LEVEL", ["debug", "info", "warn", "error"]) ?? "info",
      format: read.choice("LOG_FORMAT", ["json", "pretty"]) ??
        (facts.terminal ? "pretty" : "json"),
    },
    telemetry: telemetrySetting(read),
  };
  const faults = [...read.faults, ...faultsTogether(config, env, command)];
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
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
    ...telemetryFaults(config.telemetry),
    ...(command === "worker" ? [] : jwtFaults(config.environment, env)),
  ];
}

function tokenFaults(text: string): string[] {
  // Anything else could not be sent in a header.
  return /^[!-~]{16,256}$/.test(text) ? [] : ["must be 16 to 256 visible ASCII characters"];
}

/** `HOST:PORT` as URLs and permissions have it: an IPv6 address stands in brackets. */
export function addressOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
