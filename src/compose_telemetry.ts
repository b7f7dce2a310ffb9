import { SystemSampler } from "../adapters/otel/system_sampler.ts";
import { createTelemetry, type OtelTelemetry } from "../adapters/otel/telemetry.ts";
import type { ForkServerRunner } from "../adapters/sandbox/fork_server/runner.ts";
import type { CacheRegistry } from "../application/cache_registry.ts";
import type { Admission } from "../application/decorators/admitted.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { OpenedEngine } from "./compose_graph.ts";
import type { KeptLog } from "./compose_stores.ts";
import { VERSION } from "./compose_version.ts";
import type { Config } from "./config.ts";

/** Routes whose duration series stands from the first scrape. */
const ROUTES = [
  { method: "GET", route: "/health", status: 200 },
  { method: "GET", route: "/health/ready", status: 200 },
  { method: "GET", route: "/metrics", status: 200 },
  { method: "POST", route: "/api/v1/execute_code", status: 200 },
  { method: "POST", route: "/api/v1/executions", status: 202 },
  { method: "GET", route: "/api/v1/executions/{id}", status: 200 },
  { method: "GET", route: "/api/v1/audit", status: 200 },
  { method: "GET", route: "/api/v1/cache", status: 200 },
  { method: "POST", route: "/api/v1/generate_code", status: 200 },
  { method: "POST", route: "/api/v1/lint_code", status: 200 },
  { method: "POST", route: "/api/v1/run_tests", status: 200 },
  { method: "POST", route: "/api/v1/graph_upsert", status: 200 },
  { method: "POST", route: "/api/v1/graph_query", status: 200 },
  { method: "GET", route: "/api/v1/graph/metrics", status: 200 },
  { method: "POST", route: "/mcp", status: 200 },
] as const;

/** What metrics are read from. */
export interface Sources {
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAt: number;
  readonly admission: Admission;
  readonly sandbox: ForkServerRunner;
  readonly kept: Pick<KeptLog, "waiting">;
  readonly breakers: BreakerRegistry;
  readonly cacheRegistry: CacheRegistry;
  readonly engine: Pick<OpenedEngine, "name" | "pool" | "subscribe">;
}

/** Measures a process, and tells Prometheus. */
export async function openTelemetry(
  config: Config,
  { clock, log, startedAt, admission, sandbox, kept, breakers, cacheRegistry, engine }: Sources,
  stack: AsyncDisposableStack,
): Promise<OtelTelemetry> {
  const countDescriptors = () => sandbox.countDescriptors();
  const sampler = stack.use(
    new SystemSampler({ clock, dataDir: config.dataDir, countDescriptors }),
  );
  await sampler.refreshed();
  const { runner } = sandbox.status();
  const telemetry = stack.use(createTelemetry({
    clock,
    log,
    startedAt,
    sampler,
    admission: () => admission.state(),
    pool: () => sandbox.pool(),
    graphPool: () => engine.pool,
    outboxPending: () => kept.waiting(),
    breakers: () => breakers.metrics(),
    caches: () => cacheRegistry.reports(),
    build: { version: VERSION, runner, graph: engine.name, cache: config.cache.backend },
    routes: ROUTES,
  }));
  engine.subscribe((seconds) =>
    telemetry.record({ kind: "graph_connection_acquired", waitSeconds: seconds })
  );
  return telemetry;
}
