import { AnswerSize } from "../../domain/graph/answer_bounds.ts";
import { setTimeout as delay } from "node:timers/promises";
import { DomainError, type Failure } from "../../domain/errors.ts";
import type { GraphEntry } from "../../domain/graph/batch.ts";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { GraphFeatures } from "../contracts/graph_features.ts";
import { parseStatement } from "./graph_cypher.ts";
import { tickedAnswer } from "./graph_statement.ts";
import { GraphMaps } from "./graph_maps.ts";

const FEW_FORMS = {
  instead: "query_invalid",
  reason: "the fake reads a few forms of statements",
} as const;

/** What the fake can do, for the contract of `GraphEngine`. */
export const FAKE_GRAPH_FEATURES: GraphFeatures = {
  cypher: FEW_FORMS,
  wholeFloats: true,
  dollarMaps: true,
  temporal: FEW_FORMS,
  spatial: FEW_FORMS,
  labelsInExpressions: true,
  nul: true,
  loneSurrogates: true,
  position: true,
  snapshots: true,
  durable: { instead: "lost", reason: "it is kept in maps" },
};

/** Rows and dead ends that are looked at before others get their turn. */
const TICKS_A_TURN = 5_000;

/**
 * A graph in maps: the port's whole meaning, with a Cypher of a few forms (`graph_cypher.ts` says which).
 * Every other statement is refused, as `query_not_read_only` if a word of it writes, else as `query_invalid`.
 */
export class FakeGraph implements GraphEngine {
  readonly name = "fake";
  readonly reader: GraphReader;
  readonly writer: GraphWriter;
  readonly #maps = new GraphMaps();
  #closed = false;

  constructor() {
    this.reader = {
      query: (query, signal) => this.#query(query, signal),
      metrics: (signal) => this.#settled(signal, () => this.#metrics()),
      generation: (signal) => this.#settled(signal, () => this.#maps.generation),
      entries: (signal) => this.#entries(signal),
    };
    this.writer = {
      upsert: (batch, signal) =>
        this.#settled(signal, () => {
          return { counts: this.#maps.upsert(batch), metrics: this.#metrics() };
        }),
      delete: (deletion, signal) => this.#settled(signal, () => this.#maps.delete(deletion)),
    };
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.#settled(signal, () => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  // Asynchronous so that what fails rejects, as it would with any engine.
  // deno-lint-ignore require-await
  async #settled<T>(signal: AbortSignal, act: () => T): Promise<T> {
    this.#ensureOpen(signal);
    return act();
  }

  #ensureOpen(signal: AbortSignal): void {
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    if (this.#closed) throw new DomainError(CLOSED);
  }

  async #query(query: GraphQuery, signal: AbortSignal): Promise<GraphAnswer> {
    this.#ensureOpen(signal);
    const deadline = performance.now() + query.timeoutSeconds * 1000;
    const statement = parseStatement(query.statement);
    const { generation } = this.#maps;
    const rows = [];
    const columns = statement.items.map(({ name }) => name);
    const size = new AnswerSize();
    const ticks = tickedAnswer(statement, this.#maps, query.parameters);
    let looked = 0;
    for (const row of ticks) {
      if (row !== null) {
        size.addRow(columns, row);
        rows.push(row);
      }
      if (rows.length > query.limit) break;
      if (++looked % TICKS_A_TURN === 0) {
        await delay(0);
        this.#ensureOpen(signal);
        if (performance.now() > deadline) throw timedOut(query.timeoutSeconds);
      }
    }
    return {
      columns,
      rows: rows.slice(0, query.limit),
      truncated: rows.length > query.limit,
      repeatable: statement.repeatable,
      generation,
    };
  }

  #metrics(): GraphMetrics {
    const { nodes, relationships } = this.#maps;
    return {
      nodeCount: nodes.size,
      relationshipCount: relationships.size,
      labels: counted(Array.from(nodes.values()).flatMap(({ labels }) => labels)),
      relationshipTypes: counted(Array.from(relationships.values()).map(({ type }) => type)),
    };
  }

  async *#entries(signal: AbortSignal): AsyncGenerator<GraphEntry> {
    this.#ensureOpen(signal);
    const state: readonly GraphEntry[] = [
      ...Array.from(this.#maps.nodes.values(), (node) => ({ kind: "node" as const, ...node })),
      ...Array.from(
        this.#maps.relationships.values(),
        (relationship) => ({ kind: "relationship" as const, ...relationship }),
      ),
    ];
    for (const entry of state) {
      this.#ensureOpen(signal);
      yield structuredClone(entry);
    }
  }
}

const CLOSED: Failure = {
  code: "dependency_unavailable",
  dependency: "graph",
  reason: "it is closed",
  remedy: null,
  retryAfterSeconds: 1,
};

function timedOut(timeoutSeconds: number): DomainError {
  return new DomainError({ code: "query_timeout", timeoutSeconds });
}

function counted(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
