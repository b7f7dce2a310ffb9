import type { Clock } from "../../domain/ports/clock.ts";
import type { KnownRoute } from "../../domain/ports/telemetry.ts";
import { BreakerRegistry } from "../../domain/resilience/breaker_registry.ts";
import { NO_SPANS } from "./span_counts.ts";
import type { OtelTelemetry, OtelTelemetryParts } from "./telemetry.ts";

/** A few routes, as the service would name them. */
export const ROUTES: readonly KnownRoute[] = [
  { method: "GET", route: "/health", status: 200 },
  { method: "POST", route: "/api/v1/execute_code", status: 200 },
];

/** Labels of `build_info`. */
export const BUILD = { version: "0.1.0", runner: "fork-server", graph: "none", cache: "none" };

/** A cache that nobody has asked yet. */
export const CACHE = {
  name: "executions",
  size: 0,
  utilization: 0,
  hitRate: 0,
  hits: 0,
  misses: 0,
  evictions: 0,
  expiries: 0,
  invalidations: 0,
  loads: 0,
  sharedLoads: 0,
  errors: 0,
  shared: null,
} as const;

/** A clock that a test moves by hand. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
}

/** Parts in memory; `logged` gathers `level event` of every log line. */
export function telemetryParts(): OtelTelemetryParts & {
  readonly clock: ManualClock;
  readonly logged: string[];
} {
  const startedAt = Date.UTC(2026, 0, 1);
  const logged: string[] = [];
  let elapsed = 0;
  const clock: ManualClock = {
    now: () => startedAt + elapsed,
    monotonic: () => elapsed,
    advance: (milliseconds) => elapsed += milliseconds,
  };
  const breakers = new BreakerRegistry(clock);
  breakers.getOrCreate("graph_read");
  return {
    clock,
    log: { write: (level, event) => logged.push(`${level} ${event}`) },
    logged,
    startedAt: { now: startedAt, monotonic: 0 },
    build: BUILD,
    routes: () => ROUTES,
    admission: () => ({ running: 0, waiting: 0 }),
    outboxPending: () => 0,
    caches: () => [CACHE],
    spans: () => NO_SPANS,
    graphPool: () => ({ idle: 3, inUse: 2 }),
    pool: () => ({ waiting: 0, wanted: 0, warm: 0, cold: 0 }),
    breakers: () => breakers.metrics(),
    sampler: {
      current: () => ({
        cpuPercent: 12.5,
        memoryUsedBytes: 1_000,
        memoryPercent: 50,
        diskPercent: 75,
        loadAverage: [1, 0.5, 0.25],
        openDescriptors: 42,
      }),
      eventLoopLagSeconds: () => 0.5,
    },
  };
}

/** The samples of a scrape: `name{labels}` → value. */
export async function scrape(telemetry: OtelTelemetry): Promise<Map<string, number>> {
  const lines = (await telemetry.text()).split("\n").filter((line) => /^[a-z]/.test(line));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice("ultimate_mcp_".length, at), Number(line.slice(at + 1))];
  }));
}
