import { openDataDir } from "../adapters/sqlite/data_dir.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { sha256 } from "../adapters/system/digest.ts";
import { newId } from "../adapters/system/ids.ts";
import { CacheRegistry } from "../application/cache_registry.ts";
import { audited } from "../application/decorators/audited.ts";
import { Admission } from "../application/decorators/admitted.ts";
import { withStoredRoles } from "../application/decorators/stored_roles.ts";
import { breakerWatch } from "../application/resilience_watch.ts";
import { beginning } from "../domain/ports/clock.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import { openAuditTrail } from "./audit.ts";
import { useCases } from "./compose_application.ts";
import { openEarlierRuns } from "./compose_cache.ts";
import { beginEngine, openGraph } from "./compose_graph.ts";
import { openInbound } from "./compose_inbound.ts";
import { openJobs } from "./compose_jobs.ts";
import { openLog } from "./compose_log.ts";
import { openRedis } from "./compose_redis.ts";
import { openRunner } from "./compose_runner.ts";
import { openSandbox } from "./compose_sandbox.ts";
import { ending, type Service } from "./compose_service.ts";
import { statusParts } from "./compose_status.ts";
import { openStores } from "./compose_stores.ts";
import { type OpenedTelemetry, openTelemetry } from "./compose_telemetry.ts";
import { openTools } from "./compose_tools.ts";
import { openTokens } from "./compose_tokens.ts";
import { openTracing } from "./compose_tracing.ts";
import { VERSION } from "./compose_version.ts";
import { addressOf, type Config } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** How the service is composed, where that does not follow from its configuration. */
export interface ComposeOptions {
  /** Where it listens, told to whoever wants its data directory. Default: `HOST:PORT`. */
  readonly holder?: string;
  /** Whether it gives its data directory up to a service that claims it. Default: it does not. */
  readonly yields?: boolean;
  /** What is put in the place of what measures. Default: it is left in its own. */
  readonly measuring?: (telemetry: OpenedTelemetry) => OpenedTelemetry;
}

/**
 * Puts the service together. Read from top to bottom, it tells what protects what; everything opened
 * is closed in reverse order.
 *
 * @throws {DataDirHeld} when another process owns the data directory.
 * @throws {Error} when something else is in the way.
 */
export async function compose(
  config: Config,
  search: SearchPath,
  { holder = addressOf(config.host, config.port), yields = false, measuring }: ComposeOptions = {},
): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const clock = systemClock;
  const startedAt = beginning(clock);
  const lines = stack.use(openLog(config));
  const tracing = await openTracing(config, { log: lines, clock }, stack);
  const { tracer, log } = tracing;
  stack.use(await openDataDir({ path: config.dataDir, holder, yields, clock }));
  // Begun together: each may have to wait for a database of its own.
  const opening = beginEngine(config, search, { log, clock }, stack);
  const stores = tracing.stores(await openStores(config, { clock, newId, log }, stack));
  const { records, testRecords, roles, kept, isWaiting, ping: pingRecords } = stores;
  const sandbox = stack.use(await openSandbox(config, search, log));
  const engine = await opening;
  const admission = new Admission(config.execution);
  const breakers = new BreakerRegistry(clock);
  const cacheRegistry = new CacheRegistry();
  const shared = await openRedis(config, { clock, log, breakers, version: VERSION }, stack);
  const revokedTokens = shared?.told(stores.revokedTokens) ?? stores.revokedTokens;
  const shown = { config, kept, breakers, cacheRegistry, engine };
  const sources = { clock, log, startedAt, admission, sandbox, tracing, ...shown };
  const measured = await openTelemetry(config, sources, stack);
  const telemetry = measuring?.(measured) ?? measured;
  const trail = { ...kept, clock, newId, telemetry, faults: log, version: VERSION, config, sha256 };
  const audit = await openAuditTrail(trail, stack);
  breakers.subscribe(breakerWatch({ log, audit }));
  const around = { clock, newId, audit, sha256 };
  const running = openRunner(config, { sandbox, admission, clock, telemetry, tracing });

  const keeping = { clock, log, telemetry, cacheRegistry, shared, sha256, isWaiting, tracing };
  const graph = openGraph(config, { ...keeping, engine, breakers }, stack);

  const life = { stopping: false };
  const earlier = openEarlierRuns(config, { ...keeping, records, audit, sandbox }, stack);
  const tools = openTools(config, search, { ...keeping, stores, audit, sandbox }, stack);
  await shared?.start();
  const execution = { ...config.execution, ...running, ...around, records, earlier };
  const endRuns = () => sandbox[Symbol.asyncDispose]();
  const { queue, worker } = await openJobs(config, { ...keeping, execution, endRuns }, stack);
  const status = statusParts({ ...sources, records, pingRecords, telemetry, shared, life });
  const deciding = { testRecords, roles, revokedTokens, kept, cacheRegistry, breakers, tools };
  const cases = { ...deciding, queue, sha256, execution, records, graph, status, audit, clock };
  const application = tracing.application(audited(useCases(config, cases), audit));

  const tokens = withStoredRoles(await openTokens(config, { clock, log, revokedTokens }), roles);
  const heard = { log, clock, telemetry, tracer, shared, revokedTokens, peers: sandbox };
  const doors = openInbound(config, { application, audit, tokens, ...heard }, stack);
  return {
    application,
    fetch: (...request) => doors.fetch(...request),
    log,
    ...ending({ ...running, life, admission, sandbox, worker, doors, tools, held: stack.move() }),
    sandboxPid: () => sandbox.pid,
  };
}

export { selfTest } from "./compose_sandbox.ts";
export { managePackages, PACKAGE_ACTIONS } from "./compose_packages.ts";
export type { Service } from "./compose_service.ts";
export { VERSION } from "./compose_version.ts";
export { claimDataDir, isClaimed } from "../adapters/sqlite/data_dir_claim.ts";
export { DataDirHeld } from "../adapters/sqlite/data_dir.ts";
