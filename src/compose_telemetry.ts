import { SystemSampler } from "../adapters/otel/system_sampler.ts";
import { createTelemetry, type OtelTelemetry } from "../adapters/otel/telemetry.ts";
import type { ForkServerRunner } from "../adapters/sandbox/fork_server/runner.ts";
import type { CacheRegistry } from "../application/cache_registry.ts";
import type { Admission } from "../application/decorators/admitted.ts";
import type { Beginning, Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { KnownRoute } from "../domain/ports/telemetry.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { OpenedEngine } from "./compose_graph.ts";
import type { KeptLog } from "./compose_stores.ts";
import { openMetricPush } from "./compose_push.ts";
import type { Tracing } from "./compose_tracing.ts";
import { VERSION } from "./compose_version.ts";
import type { Config } from "./config.ts";

/** What metrics are read from. */
export interface Sources {
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAt: Beginning;
  readonly admission: Admission;
  readonly sandbox: ForkServerRunner;
  readonly kept: Pick<KeptLog, "waiting">;
  readonly breakers: BreakerRegistry;
  readonly cacheRegistry: CacheRegistry;
  readonly engine: Pick<OpenedEngine, "name" | "pool" | "subscribe" | "migration">;
  /** Ends with the metrics: each may wait for a collector. */
  readonly tracing: Pick<Tracing, "resource" | "spans" | "end">;
}

/** The measurements of a process. */
export interface OpenedTelemetry extends OtelTelemetry {
  /** Lets the series of these routes stand before anybody has asked for them. */
  expect(routes: readonly KnownRoute[]): void;
}

/** Measures a process; tells Prometheus, and the collector of the settings. */
export async function openTelemetry(
  config: Config,
  sources: Sources,
  stack: AsyncDisposableStack,
): Promise<OpenedTelemetry> {
  const { clock, log, startedAt, admission, sandbox, kept, breakers, cacheRegistry } = sources;
  const { engine, tracing } = sources;
  const countDescriptors = () => sandbox.countDescriptors();
  const sampler = stack.use(
    new SystemSampler({ clock, dataDir: config.dataDir, countDescriptors }),
  );
  await sampler.refreshed();
  const { runner } = sandbox.status();
  let known: readonly KnownRoute[] = [];
  const telemetry = createTelemetry({
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
    spans: () => tracing.spans(),
    build: { version: VERSION, runner, graph: engine.name, cache: config.cache.backend },
    routes: () => known,
    push: await openMetricPush(config.telemetry, log),
    resource: tracing.resource,
  });
  stack.defer(async () => {
    await Promise.all([telemetry[Symbol.asyncDispose](), tracing.end()]);
  });
  engine.subscribe((seconds) =>
    telemetry.record({ kind: "graph_connection_acquired", waitSeconds: seconds })
  );
  void engine.migration?.then((end) =>
    telemetry.record({ kind: "graph_call_finished", operation: "migrate", ...end })
  );
  return Object.assign(telemetry, {
    expect: (routes: readonly KnownRoute[]) => void (known = routes),
  });
}
