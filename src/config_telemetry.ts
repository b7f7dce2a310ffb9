import { quoted, type SettingReader } from "./setting_reader.ts";

/** Settings of OpenTelemetry, by their standard names and with their standard meaning. */
export const TELEMETRY_NAMES = [
  "OTEL_SDK_DISABLED",
  "OTEL_SERVICE_NAME",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_EXPORTER_OTLP_TIMEOUT",
  "OTEL_EXPORTER_OTLP_COMPRESSION",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
  "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
  "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
  "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
  "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
  "OTEL_METRICS_EXPORTER",
  "OTEL_METRIC_EXPORT_INTERVAL",
  "OTEL_METRIC_EXPORT_TIMEOUT",
  "OTEL_TRACES_EXPORTER",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "OTEL_BSP_SCHEDULE_DELAY",
  "OTEL_BSP_EXPORT_TIMEOUT",
  "OTEL_BSP_MAX_QUEUE_SIZE",
  "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
] as const;

type Name = (typeof TELEMETRY_NAMES)[number];
type Reader = SettingReader<Name>;

/** How a collector is reached by OTLP over HTTP. */
export interface OtlpSetting {
  /** The whole URL that one signal is sent to. */
  readonly url: string;
  /** Secrets, as a rule. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: "http/protobuf" | "http/json";
  /** How long one export may take. */
  readonly timeoutMs: number;
  readonly compression: "none" | "gzip";
}

/** Which traces are recorded. */
export interface SamplerSetting {
  /** Whether a caller's own decision counts before `root`. */
  readonly parentBased: boolean;
  readonly root: "always_on" | "always_off" | "traceidratio";
  /** The share of traces that `traceidratio` records, 0 to 1. */
  readonly ratio: number;
}

/** What those settings say. */
export interface TelemetrySetting {
  readonly serviceName: string;
  /** Attributes of everything sent, beside the service's name and version. */
  readonly resource: Readonly<Record<string, string>>;
  readonly metrics: {
    /** `null`: metrics are only scraped. */
    readonly otlp: OtlpSetting | null;
    readonly intervalMs: number;
    readonly timeoutMs: number;
  };
  readonly traces: {
    /** `null`: nothing is traced. */
    readonly otlp: OtlpSetting | null;
    readonly sampler: SamplerSetting;
    readonly batch: {
      readonly delayMs: number;
      readonly timeoutMs: number;
      readonly maxQueueSize: number;
      readonly maxBatchSize: number;
    };
  };
}

const SERVICE_NAME = "1 to 256 characters without control characters";
const EXPORTERS = "'none', or 'otlp' and 'prometheus' separated by a comma";
const RATIO = "a number from 0 to 1";
const PAIRS = "NAME=VALUE pairs separated by commas, with %XX for what is not plain";
const URL_EXPECTED = "must be an http or https URL without user, query, fragment and commas";

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** Reads them. */
export function telemetrySetting(read: Reader): TelemetrySetting {
  const isDisabled = read.choice("OTEL_SDK_DISABLED", ["true", "false"]) === "true";
  const { "service.name": named, ...resource } = resourceSetting(read);
  const exportsMetrics = read.text("OTEL_METRICS_EXPORTER", isExporters, EXPORTERS) ?? "otlp";
  const exportsTraces = read.choice("OTEL_TRACES_EXPORTER", ["otlp", "none"]) ?? "otlp";
  const all = collectorSetting(read, "OTEL_EXPORTER_OTLP_");
  const metrics = otlpSetting(
    all,
    collectorSetting(read, "OTEL_EXPORTER_OTLP_METRICS_"),
    "metrics",
  );
  const traces = otlpSetting(all, collectorSetting(read, "OTEL_EXPORTER_OTLP_TRACES_"), "traces");
  const intervalMs = read.whole("OTEL_METRIC_EXPORT_INTERVAL", 100, 3_600_000) ?? 60_000;
  return {
    serviceName: read.text("OTEL_SERVICE_NAME", isServiceName, SERVICE_NAME) ?? named ??
      "ultimate-mcp",
    resource,
    metrics: {
      otlp: isDisabled || !words(exportsMetrics).includes("otlp") ? null : metrics,
      intervalMs,
      timeoutMs: read.whole("OTEL_METRIC_EXPORT_TIMEOUT", 100, 600_000) ??
        Math.min(30_000, intervalMs),
    },
    traces: {
      otlp: isDisabled || exportsTraces === "none" ? null : traces,
      sampler: samplerSetting(read),
      batch: batchSetting(read),
    },
  };
}

function batchSetting(read: Reader): TelemetrySetting["traces"]["batch"] {
  const maxQueueSize = read.whole("OTEL_BSP_MAX_QUEUE_SIZE", 1, 65_536) ?? 2048;
  return {
    delayMs: read.whole("OTEL_BSP_SCHEDULE_DELAY", 10, 600_000) ?? 5000,
    timeoutMs: read.whole("OTEL_BSP_EXPORT_TIMEOUT", 100, 600_000) ?? 30_000,
    maxQueueSize,
    maxBatchSize: read.whole("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, 65_536) ??
      Math.min(512, maxQueueSize),
  };
}

/** What is wrong with them together. */
export function telemetryFaults({ metrics, traces }: TelemetrySetting): string[] {
  const { maxQueueSize, maxBatchSize } = traces.batch;
  return [
    ...(metrics.timeoutMs <= metrics.intervalMs ? [] : [
      "OTEL_METRIC_EXPORT_TIMEOUT must be at most OTEL_METRIC_EXPORT_INTERVAL, found " +
      `${metrics.timeoutMs} and ${metrics.intervalMs}`,
    ]),
    ...(maxBatchSize <= maxQueueSize ? [] : [
      "OTEL_BSP_MAX_EXPORT_BATCH_SIZE must be at most OTEL_BSP_MAX_QUEUE_SIZE, found " +
      `${maxBatchSize} and ${maxQueueSize}`,
    ]),
  ];
}

/** `host:port` of each collector, as Deno's permissions have it. */
export function collectorAddresses({ metrics, traces }: TelemetrySetting): string[] {
  const addresses = [metrics.otlp, traces.otlp].flatMap((otlp) => {
    if (otlp === null) return [];
    const { hostname, port, protocol } = new URL(otlp.url);
    return [`${hostname}:${port || (protocol === "https:" ? "443" : "80")}`];
  });
  return [...new Set(addresses)];
}

/** What is set of a collector, for all signals or for one. */
type CollectorSetting = { readonly [K in keyof OtlpSetting]: OtlpSetting[K] | null };

type Prefix = "OTEL_EXPORTER_OTLP_" | "OTEL_EXPORTER_OTLP_METRICS_" | "OTEL_EXPORTER_OTLP_TRACES_";

function collectorSetting(read: Reader, prefix: Prefix): CollectorSetting {
  const headers = read.secret(`${prefix}HEADERS`, headerFaults);
  return {
    url: read.secret(`${prefix}ENDPOINT`, endpointFaults),
    headers: headers === null ? null : pairs(headers),
    protocol: read.choice(`${prefix}PROTOCOL`, ["http/protobuf", "http/json"]),
    timeoutMs: read.whole(`${prefix}TIMEOUT`, 100, 600_000),
    compression: read.choice(`${prefix}COMPRESSION`, ["none", "gzip"]),
  };
}

/** What is set for a signal alone stands before what is set for all. */
function otlpSetting(
  all: CollectorSetting,
  own: CollectorSetting,
  signal: "metrics" | "traces",
): OtlpSetting | null {
  const url = own.url ?? (all.url === null ? null : `${all.url.replace(/\/+$/, "")}/v1/${signal}`);
  if (url === null) return null;
  return {
    url,
    headers: own.headers ?? all.headers ?? {},
    protocol: own.protocol ?? all.protocol ?? "http/protobuf",
    timeoutMs: own.timeoutMs ?? all.timeoutMs ?? 10_000,
    compression: own.compression ?? all.compression ?? "none",
  };
}

function resourceSetting(read: Reader): Readonly<Record<string, string>> {
  const text = read.text("OTEL_RESOURCE_ATTRIBUTES", (text) => isResource(pairs(text)), PAIRS);
  return (text === null ? null : pairs(text)) ?? {};
}

function samplerSetting(read: Reader): SamplerSetting {
  const name = read.choice("OTEL_TRACES_SAMPLER", SAMPLERS) ?? "parentbased_always_on";
  const isRatio = (text: string) => /^\d(\.\d{1,18})?$/.test(text) && Number(text) <= 1;
  const root = name.replace(/^parentbased_/, "");
  return {
    parentBased: name.startsWith("parentbased_"),
    root: root === "always_off" || root === "traceidratio" ? root : "always_on",
    ratio: Number(read.text("OTEL_TRACES_SAMPLER_ARG", isRatio, RATIO) ?? 1),
  };
}

/** `null` for what are no pairs. An empty one between commas is passed over, as the standard has it. */
function pairs(text: string): Readonly<Record<string, string>> | null {
  const entries: [string, string][] = [];
  for (const pair of text.split(",").map((pair) => pair.trim()).filter((pair) => pair !== "")) {
    const [, name, value] = /^([!-~]+?)\s*=\s*(.*)$/.exec(pair) ?? [];
    const decoded = value === undefined ? null : percentDecoded(value);
    if (name === undefined || decoded === null) return null;
    entries.push([name, decoded]);
  }
  return Object.fromEntries(entries);
}

function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function isResource(attributes: Readonly<Record<string, string>> | null): boolean {
  if (attributes === null) return false;
  const entries = Object.entries(attributes);
  return entries.length <= 64 &&
    entries.every(([name, value]) => name.length <= 256 && value.length <= 1024);
}

function headerFaults(text: string): string[] {
  const headers = pairs(text);
  if (headers === null) return [`must be ${PAIRS}`];
  // What Headers refuses is refused here, and not at each export.
  const bad = Object.entries(headers).find(([name, value]) =>
    !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t -~]*$/.test(value)
  );
  return bad === undefined ? [] : [`has a header that cannot be sent: ${quoted(bad[0])}`];
}

function endpointFaults(text: string): string[] {
  const url = URL.parse(text);
  const fits = url !== null && /^https?:$/.test(url.protocol) && !/[\s,?#]/.test(text) &&
    url.username === "" && url.password === "" && /^[\w.:[\]-]+$/.test(url.hostname);
  return fits ? [] : [URL_EXPECTED];
}

function words(text: string): string[] {
  return text.split(",").map((word) => word.trim());
}

function isExporters(text: string): boolean {
  return text === "none" || words(text).every((word) => word === "otlp" || word === "prometheus");
}

function isServiceName(text: string): boolean {
  return /^\P{Cc}{1,256}$/u.test(text);
}
