import { openEmbeddedGraph } from "../adapters/embedded/engine.ts";
import type { Neo4jGraph } from "../adapters/neo4j/engine.ts";
import type { Neo4jOptions } from "../adapters/neo4j/options.ts";
import { newRandomId } from "../adapters/system/ids.ts";
import {
  cachedReader,
  type DatedAnswer,
  isDatedAnswer,
  isGraphMetrics,
} from "../application/decorators/cached_graph.ts";
import { guardedReader, guardedWriter } from "../application/decorators/guarded.ts";
import {
  graphOutcomeOf,
  observedReader,
  observedWriter,
} from "../application/decorators/observed_graph.ts";
import { retriedReader, retriedWriter } from "../application/decorators/retried.ts";
import type { Sha256 } from "../domain/caching/key.ts";
import type { GraphMetrics } from "../domain/graph/metrics.ts";
import { GRAPH_SCHEMA } from "../domain/graph/schema.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { GraphEngine } from "../domain/ports/graph_engine.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../domain/ports/graph_writer.ts";
import type { Log } from "../domain/ports/log.ts";
import type { GraphOutcome } from "../domain/ports/telemetry.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import { type CacheParts, openCache } from "./compose_cache.ts";
import { graphBreakers, graphRetriers } from "./compose_resilience.ts";
import type { Tracing } from "./compose_tracing.ts";
import type { Config } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** What a start waits for a migration, which goes on behind it. */
const MIGRATION_MS = 5000;

/** How the migration of a start has ended. */
interface MigrationEnd {
  readonly durationSeconds: number;
  readonly outcome: GraphOutcome;
}

/** An engine, and what its connections do: with the embedded one there are none, ever. */
export interface OpenedEngine extends GraphEngine, Pick<Neo4jGraph, "pool" | "subscribe"> {
  /** Never rejects; `null` where nothing is to be migrated. */
  readonly migration: Promise<MigrationEnd> | null;
}

/** Begins to open the engine that keeps the graph; the stack closes what comes of it. */
export function beginEngine(
  config: Config,
  search: SearchPath,
  around: { readonly log: Log; readonly clock: Clock },
  stack: AsyncDisposableStack,
): Promise<OpenedEngine> {
  const opening = openEngine(config, search, around);
  // Whoever awaits it is told; until then there may be nobody.
  opening.catch(() => {});
  stack.defer(async () => {
    const engine = await opening.catch(() => null);
    await engine?.[Symbol.asyncDispose]();
  });
  return opening;
}

/** Opens the engine that keeps the graph; an embedded one in a folder that nobody but this user can enter. */
export async function openEngine(
  { dataDir, graph, sandbox: { deno } }: Config,
  { PATH, HOME, DENO_DIR }: SearchPath,
  around: { readonly log: Log; readonly clock: Clock },
): Promise<OpenedEngine> {
  if (graph.backend === "neo4j") {
    // Loaded where it is needed: its driver takes longer than all the rest of a start.
    const { openNeo4jGraph } = await import("../adapters/neo4j/engine.ts");
    const options = { ...graph.neo4j, ...around };
    const migration = migrateAtStart(options);
    const [engine] = await Promise.all([openNeo4jGraph(options), awhile(migration)]);
    return Object.assign(engine, { migration });
  }
  const environment = { PATH, HOME, ...(DENO_DIR !== null && { DENO_DIR }) };
  const folder = `${dataDir}/graph`;
  await keepOthersOut(folder, around.log);
  const path = `${folder}/graph.grafeo`;
  const engine = await openEmbeddedGraph({ path, deno, environment, ...around });
  const { name, reader, writer } = engine;
  return {
    ...{ name, reader, writer },
    ping: (signal) => engine.ping(signal),
    pool: { idle: 0, inUse: 0 },
    subscribe: () => {},
    migration: null,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

/** A database that is away costs nothing: the engine makes what it cannot do without before it writes. */
async function migrateAtStart(options: Neo4jOptions): Promise<MigrationEnd> {
  const { clock, log } = options;
  const began = clock.monotonic();
  let outcome: GraphOutcome = "ok";
  try {
    const { migrateDatabase } = await import("../adapters/neo4j/migrations/database.ts");
    await migrateDatabase(options, GRAPH_SCHEMA, { owner: newRandomId() });
  } catch (error) {
    outcome = graphOutcomeOf(error);
    log.write("warn", "graph_not_migrated", { reason: `${error}` });
  }
  return { durationSeconds: (clock.monotonic() - began) / 1000, outcome };
}

/** Waits for a migration, but not for long. */
async function awhile(migration: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, MIGRATION_MS);
  await Promise.race([migration, late.promise]);
  clearTimeout(timer);
}

/** The engine makes its files readable to everyone. A folder that is there already is closed too. */
async function keepOthersOut(folder: string, log: Log): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.chmod(folder, 0o700);
  } catch (error) {
    // The graph itself may well be usable: it says so if it is not.
    log.write("warn", "graph_folder_not_closed", { folder, reason: String(error) });
  }
}

/** What protects an engine takes beside the configuration. */
export interface GraphSources extends CacheParts {
  readonly engine: GraphEngine;
  readonly breakers: BreakerRegistry;
  readonly log: Log;
  readonly sha256: Sha256;
  readonly tracing: Pick<Tracing, "cache" | "graph">;
}

/**
 * The graph with all that stands before its engine: a call is measured, whoever answers it; it is looked
 * for in the cache; the breaker counts it once, however often it is tried.
 */
export function openGraph(
  config: Config,
  sources: GraphSources,
  stack: AsyncDisposableStack,
): { readonly reader: GraphReader; readonly writer: GraphWriter } {
  const { reader, writer } = sources.tracing.graph(sources.engine);
  const breakers = graphBreakers(sources.breakers, config.resilience);
  const retriers = graphRetriers(config.resilience, sources);
  const { queryTtlSeconds, metricsTtlSeconds } = config.cache;
  // The generations of an engine of this process' own mean nothing elsewhere.
  const shared = config.graph.backend === "neo4j" ? sources.shared : null;
  const keeping = { ...sources, shared };
  const kept = {
    queries: {
      named: openCache<DatedAnswer>(
        "graph_queries",
        config,
        { ...keeping, isValue: isDatedAnswer },
        stack,
      ),
      ttlSeconds: queryTtlSeconds,
    },
    metrics: {
      named: openCache<GraphMetrics>(
        "graph_metrics",
        config,
        { ...keeping, isValue: isGraphMetrics },
        stack,
      ),
      ttlSeconds: metricsTtlSeconds,
    },
    sha256: sources.sha256,
  };
  const guarded = guardedReader(retriedReader(reader, retriers.read), breakers.read);
  return {
    reader: observedReader(cachedReader(guarded, kept), sources),
    writer: observedWriter(
      guardedWriter(retriedWriter(writer, retriers.write), breakers.write),
      sources,
    ),
  };
}
