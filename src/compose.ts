import type { HttpApp } from "../adapters/http/app.ts";
import { createLog } from "../adapters/logging/json_log.ts";
import { SystemSampler } from "../adapters/otel/system_sampler.ts";
import { createTelemetry, type OtelTelemetry } from "../adapters/otel/telemetry.ts";
import type { ForkServerRunner } from "../adapters/sandbox/fork_server/runner.ts";
import * as packages from "../adapters/sandbox/packages/packages.ts";
import { createPythonSyntax } from "../adapters/python_syntax/syntax.ts";
import { openDataDir } from "../adapters/sqlite/data_dir.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { sha256 } from "../adapters/system/digest.ts";
import { newId, newRandomId } from "../adapters/system/ids.ts";
import type { Application } from "../application/application.ts";
import { audited } from "../application/decorators/audited.ts";
import { Admission, admitted } from "../application/decorators/admitted.ts";
import { observed } from "../application/decorators/observed.ts";
import { policed } from "../application/decorators/policed.ts";
import { withStoredRoles } from "../application/decorators/stored_roles.ts";
import { UserPlaces } from "../application/user_places.ts";
import { CacheRegistry } from "../application/cache_registry.ts";
import { breakerWatch } from "../application/resilience_watch.ts";
import type { StatusParts } from "../application/service_status.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { GraphEngine } from "../domain/ports/graph_engine.ts";
import type { JobWorker } from "../domain/ports/job_queue.ts";
import type { Log } from "../domain/ports/log.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import deno from "../deno.json" with { type: "json" };
import { openAuditTrail } from "./audit.ts";
import { type ChosenParts, useCases } from "./compose_application.ts";
import { openEarlierRuns } from "./compose_cache.ts";
import { beginEngine, type OpenedEngine, openGraph } from "./compose_graph.ts";
import { openLinting } from "./compose_lint.ts";
import { openJobs } from "./compose_jobs.ts";
import { openRedis, type SharedState } from "./compose_redis.ts";
import { openInbound } from "./compose_inbound.ts";
import { openSandbox } from "./compose_sandbox.ts";
import { type KeptLog, openStores } from "./compose_stores.ts";
import { openTokens } from "./compose_tokens.ts";
import { addressOf, type Config, USUAL_PYTHON } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** The product's version. */
export const VERSION: string = deno.version;

/** The service, composed and running, but for its socket. */
export interface Service extends AsyncDisposable {
  readonly application: Application;
  readonly fetch: HttpApp["fetch"];
  readonly log: Log;
  /** Turns readiness off and refuses new runs; those in hand go on. */
  beginStop(): void;
  /** Resolves when the jobs that were in hand when the stop began have ended. */
  jobsEnded(): Promise<void>;
  /** Ends the runs that are still in hand; their callers are told `shutting_down`. */
  endRuns(): Promise<void>;
  /** Process id of the sandbox's broker, for those who test its loss. */
  readonly sandboxPid: () => number | null;
}

/** Whoever asks for readiness is not kept waiting by an engine that is at work. */
const PING_MS = 2000;
/** How the service is composed, where that does not follow from its configuration. */
export interface ComposeOptions {
  /** Where it listens, told to whoever wants its data directory. Default: `HOST:PORT`. */
  readonly holder?: string;
  /** Whether it gives its data directory up to a service that claims it. Default: it does not. */
  readonly yields?: boolean;
}

/** Routes whose duration series stands from the first scrape. */
const ROUTES = [
  { method: "GET", route: "/health", status: 200 },
  { method: "GET", route: "/health/ready", status: 200 },
  { method: "GET", route: "/metrics", status: 200 },
  { method: "POST", route: "/api/v1/execute_code", status: 200 },
  { method: "POST", route: "/api/v1/executions", status: 202 },
  { method: "POST", route: "/api/v1/lint_code", status: 200 },
  { method: "GET", route: "/api/v1/executions/{id}", status: 200 },
  { method: "GET", route: "/api/v1/audit", status: 200 },
  { method: "GET", route: "/api/v1/cache", status: 200 },
  { method: "POST", route: "/api/v1/graph_upsert", status: 200 },
  { method: "POST", route: "/api/v1/graph_query", status: 200 },
  { method: "GET", route: "/api/v1/graph/metrics", status: 200 },
  { method: "POST", route: "/mcp", status: 200 },
] as const;

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
  { holder = addressOf(config.host, config.port), yields = false }: ComposeOptions = {},
): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const clock = systemClock;
  const startedAt = clock.now();
  const log = stack.use(createLog({ ...config.log, clock }));
  stack.use(await openDataDir({ path: config.dataDir, holder, yields, clock }));
  // Begun together: each may have to wait for a database of its own.
  const opening = beginEngine(config, search, { log, clock }, stack);
  const stores = await openStores(config, { clock, newId, log }, stack);
  const { records, roles, kept, isWaiting, ping: pingRecords } = stores;
  const sandbox = stack.use(await openSandbox(config, search, log));
  const engine = await opening;
  const admission = new Admission(config.execution);
  const breakers = new BreakerRegistry(clock);
  const cacheRegistry = new CacheRegistry();
  const shared = await openRedis(config, { clock, log, breakers, version: VERSION }, stack);
  const revokedTokens = shared?.told(stores.revokedTokens) ?? stores.revokedTokens;
  const shown = { kept, breakers, cacheRegistry, engine };
  const sources = { clock, log, startedAt, admission, sandbox, ...shown };
  const telemetry = await openTelemetry(config, sources, stack);
  const trail = { ...kept, clock, newId, telemetry, faults: log, version: VERSION, config, sha256 };
  const audit = await openAuditTrail(trail, stack);
  breakers.subscribe(breakerWatch({ log, audit }));
  const policy = { syntax: createPythonSyntax(), policy: config.execution.policy };
  const door = admitted(policed(sandbox, policy), admission, { clock, telemetry });
  const runner = observed(door, telemetry);

  const keeping = { clock, log, telemetry, cacheRegistry, shared, sha256, isWaiting };
  const graph = openGraph(config, { ...keeping, engine, breakers }, stack);

  const life = { stopping: false };
  const places = new UserPlaces({ ...config.execution, telemetry, state: () => admission.state() });
  const earlier = openEarlierRuns(config, { ...keeping, records, audit, sandbox }, stack);
  const lint = openLinting(config, search, { ...keeping, stores, audit, sandbox }, stack);
  await shared?.start();
  const around = { runner, places, records, earlier, clock, newId, audit, sha256 };
  const execution = { ...config.execution, ...around };
  const seen = { startedAt, clock, sandbox, admission, records, breakers, cacheRegistry };
  const endRuns = () => sandbox[Symbol.asyncDispose]();
  const { queue, worker } = await openJobs(config, { ...keeping, execution, endRuns }, stack);
  const status = statusParts({ ...seen, pingRecords, engine, telemetry, shared, life });
  const deciding = { roles, revokedTokens, kept, cacheRegistry, breakers, ...lint };
  const cases = { ...deciding, queue, sha256, execution, records, graph, status, audit, clock };
  const application = audited(useCases(config, cases), audit);

  const tokens = withStoredRoles(await openTokens(config, { clock, log, revokedTokens }), roles);
  const heard = { log, clock, telemetry, newId: newRandomId, shared, version: VERSION };
  const http = openInbound(config, { application, audit, tokens, ...heard }, stack);
  return {
    application,
    fetch: (request, info) => http.fetch(request, info),
    log,
    ...ending({ life, admission, sandbox, places, worker, ...lint, held: stack.move() }),
    sandboxPid: () => sandbox.pid,
  };
}

/** Whether the service has begun to stop. */
export interface Life {
  stopping: boolean;
}

/** What a process lives by. */
export interface Living {
  readonly life: Life;
  readonly admission: Admission;
  readonly sandbox: ForkServerRunner;
  readonly places: UserPlaces;
  readonly worker: JobWorker;
  readonly linter?: AsyncDisposable;
  readonly held: AsyncDisposableStack;
}

/** How the service stops, in the order in which these are called. */
export function ending(
  { life, admission, sandbox, places, worker, linter, held }: Living,
): Pick<Service, "beginStop" | "jobsEnded" | "endRuns" | typeof Symbol.asyncDispose> {
  return {
    beginStop() {
      life.stopping = true;
      // Before the door closes: what it takes now would only be given back.
      worker.stop();
      admission.close();
    },
    jobsEnded: async () => await worker[Symbol.asyncDispose](),
    async endRuns() {
      await Promise.all([sandbox, linter].map((one) => one?.[Symbol.asyncDispose]()));
      // What is closed next is what they are told to.
      await places.emptied();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

type Looked = "version" | "backends" | "pingGraph" | "pingCache" | "stopping" | "system";

/** What its status is read from. */
export interface StatusSources extends Omit<StatusParts, Looked> {
  readonly engine: Pick<GraphEngine, "ping">;
  readonly telemetry: Pick<OtelTelemetry, "system">;
  readonly shared: Pick<SharedState, "ping"> | null;
  readonly life: Life;
}

/** Where status and readiness look. */
export function statusParts(
  { engine, telemetry, shared, life, ...seen }: StatusSources,
): ChosenParts {
  return {
    ...seen,
    version: VERSION,
    pingGraph: () => engine.ping(AbortSignal.timeout(PING_MS)),
    // What is kept in memory alone is always there.
    pingCache: () => shared?.ping() ?? Promise.resolve(),
    stopping: () => life.stopping,
    system: () => telemetry.system(),
  };
}

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

export { selfTest } from "./compose_sandbox.ts";
export { claimDataDir, isClaimed } from "../adapters/sqlite/data_dir_claim.ts";
export { DataDirHeld } from "../adapters/sqlite/data_dir.ts";
export { PACKAGE_ACTIONS } from "../adapters/sandbox/packages/packages.ts";

/** Adds, removes or lists the packages of the service with this configuration; the exit code. */
export async function managePackages(
  { sandbox, dataDir }: Config,
  action: packages.PackageAction,
  names: readonly string[],
): Promise<number> {
  const place = { python: sandbox.python ?? USUAL_PYTHON, folder: sandbox.packagesDir, dataDir };
  return await packages.managePackages(place, action, names);
}
