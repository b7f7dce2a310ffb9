import type { GraphEntry } from "../../domain/graph/batch.ts";
import type { GraphQuery } from "../../domain/graph/query.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";

/** A statement that asks for nothing in particular. */
export const QUERY: GraphQuery = {
  statement: "RETURN 1",
  parameters: {},
  limit: 10,
  timeoutSeconds: 5,
};

function node(key: string): GraphEntry {
  return { kind: "node", key, labels: [], properties: {} };
}

/** A graph that does nothing but fail as often as it is told, and note how it was asked. */
export class ScriptedGraph {
  /** Thrown by the next calls, the first one first; `null` lets one through. */
  readonly faults: (unknown)[] = [];
  /** Every call, as its method and what it was asked. */
  readonly asked: [method: string, ...asked: unknown[]][] = [];
  /** What `entries` gives. */
  entries: readonly GraphEntry[] = ["a", "b", "c"].map(node);
  /** Thrown by `entries` in the place of the entry of this index. */
  breaksAt = Infinity;
  /** Streams that were ended before their end. */
  left = 0;

  readonly reader: GraphReader = {
    query: async (query, signal) => {
      await this.#answer("query", query, signal);
      return { columns: [], rows: [], truncated: false, repeatable: true, generation: "1" };
    },
    metrics: async (signal) => {
      await this.#answer("metrics", signal);
      return { nodeCount: 1, relationshipCount: 0, labels: {}, relationshipTypes: {} };
    },
    generation: async (signal) => {
      await this.#answer("generation", signal);
      return "1";
    },
    entries: (signal) => this.#entries(signal),
  };

  readonly writer: GraphWriter = {
    upsert: async (batch, signal) => {
      await this.#answer("upsert", batch, signal);
      const none = { created: 0, updated: 0 };
      const metrics = { nodeCount: 0, relationshipCount: 0, labels: {}, relationshipTypes: {} };
      return { counts: { nodes: none, relationships: none }, metrics };
    },
    delete: async (deletion, signal) => {
      await this.#answer("delete", deletion, signal);
      return { nodes: 0, relationships: 0 };
    },
  };

  /** The methods that were called, in order. */
  get methods(): readonly string[] {
    return this.asked.map(([method]) => method);
  }

  async *#entries(signal: AbortSignal): AsyncGenerator<GraphEntry> {
    await this.#answer("entries", signal);
    let given = 0;
    try {
      for (const entry of this.entries) {
        if (given === this.breaksAt) throw new Error("broken in the middle");
        yield entry;
        given += 1;
      }
    } finally {
      if (given < Math.min(this.entries.length, this.breaksAt)) this.left += 1;
    }
  }

  #answer(...asked: [method: string, ...asked: unknown[]]): Promise<void> {
    this.asked.push(asked);
    const fault = this.faults.shift() ?? null;
    return fault === null ? Promise.resolve() : Promise.reject(fault);
  }
}
