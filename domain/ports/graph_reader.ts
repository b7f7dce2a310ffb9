import type { GraphEntry } from "../graph/batch.ts";
import type { GraphMetrics } from "../graph/metrics.ts";
import type { GraphAnswer, GraphQuery } from "../graph/query.ts";

/**
 * Reads the graph, and cannot change it, whatever the statement says.
 *
 * Concurrency: any number of calls at once. Failure: rejects only with a `DomainError`:
 * `query_not_read_only` and `query_invalid` (the engine's message, and where), `query_timeout`,
 * `validation_failed` for a parameter that the engine cannot hold, `dependency_unavailable` when the engine
 * is away, `cancelled` once `signal` is aborted.
 *
 * Inside a statement a node's key is its property `key`; the service's own label is hidden there too, or a
 * statement that names it is refused.
 *
 * A **generation** names a state of the graph: every write moves it within its own transaction, so that
 * what was read at one generation holds for as long as the generation does.
 */
export interface GraphReader {
  query(query: GraphQuery, signal: AbortSignal): Promise<GraphAnswer>;
  metrics(signal: AbortSignal): Promise<GraphMetrics>;
  /** The present generation, no older than 25 ms; a write that this instance made is in it at once. */
  generation(signal: AbortSignal): Promise<string>;
  /**
   * All nodes, then all relationships, in no order that means anything, of one state or, where the engine
   * has no snapshots, without what is written meanwhile. Memory does not grow with the graph.
   */
  entries(signal: AbortSignal): AsyncIterable<GraphEntry>;
}
