import { type Beginning, type Clock, secondsSince } from "../domain/ports/clock.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { ExecutionRunner, RunnerStatus } from "../domain/ports/execution_runner.ts";
import type { Totals } from "../domain/ports/telemetry.ts";
import type { BreakerMetrics, BreakerStateName } from "../domain/resilience/breaker_policy.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { CacheReport } from "../domain/ports/cache.ts";
import type { CacheRegistry } from "./cache_registry.ts";
import type { HealthChange, HealthHistory } from "./health_history.ts";
import type { Admission, AdmissionState } from "./decorators/admitted.ts";

/** How one dependency is. `degraded`: serving with a part missing. */
export interface DependencyCheck {
  readonly status: "ready" | "degraded" | "not_ready";
  readonly latencySeconds: number;
  /** The breaker before it that is furthest from letting calls through, where one is. */
  readonly breaker?: BreakerStateName;
  readonly detail?: string;
}

/** Whether the service can take requests. */
export interface Readiness {
  readonly status: "ready" | "degraded" | "not_ready";
  readonly checks: Readonly<Record<"graph" | "records" | "cache" | "sandbox", DependencyCheck>>;
}

/** How the machine was when last looked at. */
export interface SystemUse {
  /** Busy share of all processors, 0 to 100. */
  readonly cpuPercent: number;
  readonly memoryUsedBytes: number;
  /** 0 to 100. */
  readonly memoryPercent: number;
  /** Of the file system that holds the data, 0 to 100. */
  readonly diskPercent: number;
  /** Over 1, 5 and 15 minutes. */
  readonly loadAverage: readonly [number, number, number];
}

/** What keeps what, by the words of the settings. */
export interface Backends {
  readonly graph: "embedded" | "neo4j";
  readonly records: "sqlite" | "neo4j";
  /** `redis`: instances share what they keep, and what they allow. */
  readonly cache: "memory" | "redis";
}

/** The service as an operator sees it. */
export interface ServiceStatus {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly backends: Backends;
  /** `null` where nobody counts. */
  readonly totals: Totals | null;
  readonly executions: AdmissionState;
  readonly caches: readonly CacheReport[];
  readonly sandbox: RunnerStatus;
  readonly breakers: readonly BreakerMetrics[];
  /** `null` where nobody looks at the machine. */
  readonly system: SystemUse | null;
  /** What checks of readiness have found to change, the newest first. */
  readonly healthHistory: readonly HealthChange[];
}

/** What status and readiness are read from. */
export interface StatusParts {
  readonly version: string;
  readonly backends: Backends;
  readonly startedAt: Beginning;
  readonly clock: Clock;
  readonly sandbox: ExecutionRunner;
  readonly admission: Pick<Admission, "state">;
  readonly records: ExecutionRecords;
  /** Resolves when what the records are kept in answers; they may be taken without it. */
  readonly pingRecords: () => Promise<void>;
  /** Resolves when the graph's engine answers. */
  readonly pingGraph: () => Promise<void>;
  /** Resolves when the sandbox answers, which is started where it has been lost. */
  readonly pingSandbox: () => Promise<void>;
  /** Resolves when what instances share answers. */
  readonly pingCache: () => Promise<void>;
  readonly breakers: Pick<BreakerRegistry, "metrics">;
  readonly cacheRegistry: Pick<CacheRegistry, "reports">;
  /** Whether the service has begun to stop. */
  readonly stopping: () => boolean;
  /** Tells what is known and looks at nothing. */
  readonly system?: () => SystemUse;
  readonly totals?: () => Totals;
  readonly history: Pick<HealthHistory, "begin" | "changes">;
  /** Cuts secrets out of what a dependency says of its fault, which anybody may read. */
  readonly clean: (text: string) => string;
}

/** Seconds since the process started. */
export function uptimeSeconds(parts: StatusParts): number {
  return secondsSince(parts.startedAt, parts.clock);
}

/** The service as it stands; asks nothing of any dependency. */
export function serviceStatus(parts: StatusParts): ServiceStatus {
  return {
    version: parts.version,
    uptimeSeconds: uptimeSeconds(parts),
    backends: parts.backends,
    totals: parts.totals?.() ?? null,
    executions: parts.admission.state(),
    caches: parts.cacheRegistry.reports(),
    sandbox: parts.sandbox.status(),
    breakers: parts.breakers.metrics(),
    system: parts.system?.() ?? null,
    healthHistory: parts.history.changes(),
  };
}

/** Asks each dependency; never rejects. */
export async function checkReadiness(parts: StatusParts): Promise<Readiness> {
  const { pingGraph, pingCache } = parts;
  const note = parts.history.begin();
  const [engine, kept, shared, sandbox] = await Promise.all([
    // Runs need no graph: without it a part is missing.
    answering(parts, pingGraph, "degraded"),
    recordsCheck(parts),
    // This instance keeps what it can by itself.
    answering(parts, pingCache, "degraded"),
    sandboxCheck(parts),
  ]);
  const states = parts.breakers.metrics();
  const graph = behindBreakers(engine, states.filter(({ name }) => name.startsWith("graph_")));
  const cache = behindBreakers(shared, states.filter(({ name }) => name === "cache"));
  const checks = { graph, records: kept, cache, sandbox };
  note(checks);
  const all = Object.values(checks).map((check) => check.status);
  const failed = parts.stopping() || all.includes("not_ready");
  const status = failed ? "not_ready" : all.includes("degraded") ? "degraded" : "ready";
  return { status, checks };
}

/** From letting every call through to letting none. */
const SEVERITY: readonly BreakerStateName[] = [
  "disabled",
  "closed",
  "half_open",
  "open",
  "forced_open",
];

/** An engine that answers is of no use to those whom its breakers keep away. */
function behindBreakers(
  engine: DependencyCheck,
  breakers: readonly BreakerMetrics[],
): DependencyCheck {
  const states = breakers.map(({ state }) => state);
  const breaker = SEVERITY.findLast((state) => states.includes(state));
  if (breaker === undefined) return engine;
  const passes = breaker === "closed" || breaker === "disabled";
  return { ...engine, status: passes ? engine.status : "degraded", breaker };
}

/** What cannot be taken is not kept; while what is taken waits for its database, a part is missing. */
async function recordsCheck(parts: StatusParts): Promise<DependencyCheck> {
  const [taking, database] = await Promise.all([
    answering(parts, () => parts.records.ping(), "not_ready"),
    answering(parts, parts.pingRecords, "degraded"),
  ]);
  return taking.status === "ready" ? database : taking;
}

async function answering(
  parts: StatusParts,
  ping: () => Promise<void>,
  otherwise: "degraded" | "not_ready",
): Promise<DependencyCheck> {
  const asked = parts.clock.monotonic();
  const latency = () => (parts.clock.monotonic() - asked) / 1000;
  try {
    await ping();
    return { status: "ready", latencySeconds: latency() };
  } catch (error) {
    const detail = parts.clean(error instanceof Error ? error.message : String(error));
    return { status: otherwise, latencySeconds: latency(), detail };
  }
}

async function sandboxCheck(parts: StatusParts): Promise<DependencyCheck> {
  // One that is only slow still runs programs.
  const reached = await answering(parts, parts.pingSandbox, "degraded");
  const { latencySeconds } = reached;
  const status = parts.sandbox.status();
  if (!status.ready) {
    return { status: "not_ready", latencySeconds, detail: whyNotReady(parts, status) };
  }
  const absent = [
    ...Object.entries(status.unavailableLanguages),
    ...Object.entries(status.packages.notPreloaded),
  ];
  if (reached.status !== "ready" || absent.length === 0) return reached;
  const detail = absent.map(([name, why]) => `${name}: ${why.reason}`).join("; ");
  return { status: "degraded", latencySeconds, detail };
}

function whyNotReady(parts: StatusParts, { refusal }: RunnerStatus): string {
  if (refusal !== null) return `${refusal.reason}. ${refusal.remedy}`;
  return parts.stopping() ? "stopping" : "starting";
}
