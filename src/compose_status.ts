import type { OtelTelemetry } from "../adapters/otel/telemetry.ts";
import type { ForkServerRunner } from "../adapters/sandbox/fork_server/runner.ts";
import { HealthHistory } from "../application/health_history.ts";
import type { StatusParts } from "../application/service_status.ts";
import type { GraphEngine } from "../domain/ports/graph_engine.ts";
import type { Log } from "../domain/ports/log.ts";
import type { ChosenParts } from "./compose_application.ts";
import { cleaner } from "./compose_log.ts";
import type { SharedState } from "./compose_redis.ts";
import type { Life } from "./compose_service.ts";
import { VERSION } from "./compose_version.ts";
import type { Config } from "./config.ts";

/** Whoever asks for readiness is not kept waiting by an engine that is at work. */
const PING_MS = 2000;
type Pings = "pingGraph" | "pingCache" | "pingSandbox";
type Looked =
  | Pings
  | "version"
  | "backends"
  | "stopping"
  | "system"
  | "totals"
  | "history"
  | "clean";

/** What its status is read from. */
export interface StatusSources extends Omit<StatusParts, Looked> {
  readonly config: Config;
  readonly engine: Pick<GraphEngine, "ping">;
  readonly telemetry: Pick<OtelTelemetry, "system" | "totals">;
  readonly log: Log;
  readonly shared: Pick<SharedState, "ping"> | null;
  readonly sandbox: ForkServerRunner;
  readonly life: Life;
}

/** Where status and readiness look. */
export function statusParts(
  { config, engine, telemetry, shared, life, log, ...seen }: StatusSources,
): ChosenParts {
  return {
    ...seen,
    version: VERSION,
    clean: cleaner(config),
    pingGraph: () => engine.ping(AbortSignal.timeout(PING_MS)),
    pingSandbox: () => inTime(seen.sandbox.ping()),
    // What is kept in memory alone is always there.
    pingCache: () => shared?.ping() ?? Promise.resolve(),
    stopping: () => life.stopping,
    system: () => telemetry.system(),
    totals: () => telemetry.totals(),
    history: new HealthHistory({ clock: seen.clock, log }),
  };
}

/** What has begun goes on, though nobody waits for it any more. */
async function inTime(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => late.reject(new Error(`it does not answer within ${PING_MS / 1000} s`)),
    PING_MS,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
