import { z } from "@hono/zod-openapi";
import type { CacheReport } from "../../domain/ports/cache.ts";
import type { RunnerStatus } from "../../domain/ports/execution_runner.ts";
import type { Totals } from "../../domain/ports/telemetry.ts";
import type { BreakerMetrics } from "../../domain/resilience/breaker_policy.ts";
import { cachesSchema, wireCaches } from "./caches.ts";
import { circuitBreakerSchema, wireBreaker } from "./circuit_breakers.ts";

const unavailabilitySchema = z.object({ reason: z.string(), remedy: z.string() });

const systemSchema = z.object({
  cpu_percent: z.number(),
  memory_used_bytes: z.number(),
  memory_percent: z.number(),
  disk_percent: z.number(),
  load_average: z.array(z.number()).meta({ description: "Over 1, 5 and 15 minutes." }),
});

const totalsSchema = z.object({
  requests: z.int(),
  failed_requests: z.int().meta({
    description: "Status 500 or above, or a connection that broke before the answer was whole.",
  }),
  executions: z.int(),
  failed_executions: z.int().meta({
    description: "Without an outcome of the program's own, or at a limit.",
  }),
}).meta({ description: "Since the start." });

const stateSchema = z.enum(["ready", "degraded", "not_ready"]);

const changeSchema = z.object({
  time: z.string(),
  dependency: z.enum(["graph", "records", "cache", "sandbox"]),
  from: stateSchema,
  to: stateSchema,
  detail: z.string().nullable(),
});

/** Which walls stand on this machine, and what can run behind them. */
export const sandboxSchema = z.object({
  runner: z.string(),
  ready: z.boolean(),
  refusal: unavailabilitySchema.nullable(),
  layers: z.array(z.string()),
  missing: z.array(z.string()),
  unavailable_languages: z.record(z.string(), unavailabilitySchema),
  packages: z.object({
    preloaded: z.array(z.string()),
    not_preloaded: z.record(z.string(), unavailabilitySchema),
  }),
});

/** The service as an operator sees it. */
export const statusSchema = z.object({
  version: z.string(),
  uptime_seconds: z.number(),
  backends: z.object({
    graph: z.enum(["embedded", "neo4j"]),
    records: z.enum(["sqlite", "neo4j"]),
    cache: z.enum(["memory", "redis"]),
  }).meta({ description: "What keeps what. Instances share what neo4j and redis keep." }),
  totals: totalsSchema.nullable(),
  executions: z.object({ running: z.int(), waiting: z.int() }),
  caches: cachesSchema,
  sandbox: sandboxSchema,
  breakers: z.array(circuitBreakerSchema),
  system: systemSchema.nullable(),
  health_history: z.array(changeSchema).meta({
    description: "What checks of readiness have found to change, the newest of 50 first.",
  }),
}).openapi("Status");

/** The service's status as it crosses the wire. */
export type WireStatus = z.output<typeof statusSchema>;

/** The machine, where somebody has looked at it. */
interface SystemUse {
  readonly cpuPercent: number;
  readonly memoryUsedBytes: number;
  readonly memoryPercent: number;
  readonly diskPercent: number;
  readonly loadAverage: readonly number[];
}

/** What status is told from. */
interface ServiceStatus {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly backends: Readonly<WireStatus["backends"]>;
  readonly totals: Totals | null;
  readonly executions: { readonly running: number; readonly waiting: number };
  readonly caches: readonly CacheReport[];
  readonly sandbox: RunnerStatus;
  readonly breakers: readonly BreakerMetrics[];
  readonly system: SystemUse | null;
  readonly healthHistory: readonly Readonly<z.output<typeof changeSchema>>[];
}

/** What the sandbox of this machine is, as it crosses the wire. */
export function wireSandbox(status: RunnerStatus): z.output<typeof sandboxSchema> {
  const { runner, ready, refusal, layers, missing, unavailableLanguages, packages } = status;
  return {
    runner,
    ready,
    refusal,
    layers: [...layers],
    missing: [...missing],
    unavailable_languages: { ...unavailableLanguages },
    packages: {
      preloaded: [...packages.preloaded],
      not_preloaded: { ...packages.notPreloaded },
    },
  };
}

/** The service's status as it crosses the wire. */
export function wireStatus(status: ServiceStatus): WireStatus {
  const { running, waiting } = status.executions;
  return {
    version: status.version,
    uptime_seconds: status.uptimeSeconds,
    backends: { ...status.backends },
    totals: status.totals === null ? null : wireTotals(status.totals),
    executions: { running, waiting },
    caches: wireCaches(status.caches),
    sandbox: wireSandbox(status.sandbox),
    breakers: status.breakers.map(wireBreaker),
    system: status.system === null ? null : wireSystem(status.system),
    health_history: status.healthHistory.map((change) => ({ ...change })),
  };
}

function wireTotals(totals: Totals): z.output<typeof totalsSchema> {
  return {
    requests: totals.requests,
    failed_requests: totals.failedRequests,
    executions: totals.executions,
    failed_executions: totals.failedExecutions,
  };
}

function wireSystem(system: SystemUse): z.output<typeof systemSchema> {
  return {
    cpu_percent: system.cpuPercent,
    memory_used_bytes: system.memoryUsedBytes,
    memory_percent: system.memoryPercent,
    disk_percent: system.diskPercent,
    load_average: [...system.loadAverage],
  };
}
