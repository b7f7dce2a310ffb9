import type { GraphReader } from "./graph_reader.ts";
import type { GraphWriter } from "./graph_writer.ts";

/**
 * The engine that keeps the graph, as it is opened and closed.
 *
 * Opening it makes the indexes and constraints that the contract rests on. Closing lets the write in hand
 * finish; later calls reject with `dependency_unavailable`.
 */
export interface GraphEngine extends AsyncDisposable {
  /** `embedded`, `neo4j`. */
  readonly name: string;
  readonly reader: GraphReader;
  readonly writer: GraphWriter;
  /** Resolves when the engine answers; rejects with `dependency_unavailable` otherwise. */
  ping(signal: AbortSignal): Promise<void>;
}
