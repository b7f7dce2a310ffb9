import { createWorkerApp } from "../adapters/http/worker_app.ts";
import { openDataDir } from "../adapters/sqlite/data_dir.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { sha256 } from "../adapters/system/digest.ts";
import { newId, newRandomId } from "../adapters/system/ids.ts";
import { CacheRegistry } from "../application/cache_registry.ts";
import { Admission } from "../application/decorators/admitted.ts";
import { checkReadiness, serviceStatus } from "../application/service_status.ts";
import { beginning } from "../domain/ports/clock.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import { openAuditTrail } from "./audit.ts";
import { backendsOf } from "./compose_application.ts";
import { openJobs } from "./compose_jobs.ts";
import { openLog } from "./compose_log.ts";
import { openRunner } from "./compose_runner.ts";
import { openSandbox } from "./compose_sandbox.ts";
import { ending, type Service } from "./compose_service.ts";
import { statusParts } from "./compose_status.ts";
import { openStores } from "./compose_stores.ts";
import { openTelemetry } from "./compose_telemetry.ts";
import { openTracing } from "./compose_tracing.ts";
import { VERSION } from "./compose_version.ts";
import { addressOf, type Config } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** A worker, composed and running, but for its socket. */
export type Worker = Omit<Service, "application" | "sandboxPid">;

/** A worker has no graph: there is nothing to reach. */
const NO_ENGINE = {
  pool: { idle: 0, inUse: 0 },
  subscribe: () => {},
  migration: null,
  ping: () => Promise.resolve(),
};

/**
 * Puts a worker together: what a service runs jobs with, and nothing that takes requests for them. Redis may
 * be away: it begins to work once it is there.
 *
 * @throws {DataDirHeld} when another process owns the data directory.
 * @throws {Error} when something else is in the way.
 */
export async function composeWorker(config: Config, search: SearchPath): Promise<Worker> {
  await using stack = new AsyncDisposableStack();
  const clock = systemClock;
  const startedAt = beginning(clock);
  const lines = stack.use(openLog(config));
  const tracing = await openTracing(config, { log: lines, clock }, stack);
  const { log } = tracing;
  stack.use(await openDataDir({ path: config.dataDir, holder: holderOf(config), clock }));
  const stores = tracing.stores(await openStores(config, { clock, newId, log }, stack));
  const { records, kept, isWaiting } = stores;
  const sandbox = stack.use(await openSandbox(config, search, log));
  const admission = new Admission(config.execution);
  const seen = { breakers: new BreakerRegistry(clock), cacheRegistry: new CacheRegistry() };
  const engine = { ...NO_ENGINE, name: config.graph.backend };
  const sources = { ...seen, clock, log, startedAt, admission, sandbox, kept, engine, tracing };
  const telemetry = await openTelemetry(config, sources, stack);
  const trail = { ...kept, clock, newId, telemetry, faults: log, version: VERSION, config, sha256 };
  const audit = await openAuditTrail(trail, stack);
  const running = openRunner(config, { sandbox, admission, clock, telemetry, tracing });
  const around = { ...running, records, clock, newId, audit, sha256 };
  const endRuns = () => sandbox[Symbol.asyncDispose]();
  const execution = { ...config.execution, ...around };
  const places = execution.concurrency;
  const working = { execution, telemetry, clock, log, isWaiting, endRuns, places, tracing };
  const { queue, worker } = await openJobs(config, working, stack);
  const life = { stopping: false };
  const reached = { config, pingRecords: () => stores.ping(), shared: queue };
  const seenNow = statusParts({ ...sources, ...reached, records, engine, telemetry, life });
  const status = { ...seenNow, backends: backendsOf(config) };
  const application = {
    status: () => serviceStatus(status),
    readiness: () => checkReadiness(status),
  };
  const metrics = { metrics: telemetry, metricsToken: config.metricsToken };
  const watching = { telemetry, log, clock, audit, newId: newRandomId };
  const { fetch, known } = createWorkerApp({ ...metrics, ...watching, application });
  telemetry.expect(known);
  const held = stack.move();
  return { fetch, log, ...ending({ ...running, life, admission, sandbox, worker, held }) };
}

function holderOf({ host, jobs: { workerPort } }: Config): string {
  return workerPort === null ? "nothing: it runs jobs" : addressOf(host, workerPort);
}
