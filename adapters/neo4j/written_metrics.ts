import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { Clock } from "../../domain/ports/clock.ts";

/** What a write has added to the graph. */
export interface Growth {
  readonly nodes: number;
  readonly relationships: number;
  /** Nodes that have the label now and had it not. */
  readonly labels: Readonly<Record<string, number>>;
  readonly relationshipTypes: Readonly<Record<string, number>>;
}

/** For so long what was counted is only moved on; others' writes are not seen before. */
const COUNTED_ANEW_MS = 1000;
/** And for so many times as long as counting took: with thousands of names that is seconds. */
const COUNTING_SHARE = 20;

/** What was counted, with all that was added since. */
interface Standing {
  readonly metrics: GraphMetrics;
  readonly countedAt: number;
  /** For so long it is fresh, from `countedAt`. */
  readonly freshMs: number;
}

/**
 * How much there is after each write: counted by the database once a second, and moved on by what writes
 * say that they have added. To count within each write, or after it, would take as long as the write.
 */
export class WrittenMetrics {
  readonly #count: () => Promise<GraphMetrics>;
  readonly #clock: Clock;
  #standing: Standing | null = null;
  #counting: Promise<GraphMetrics> | null = null;

  constructor(count: () => Promise<GraphMetrics>, clock: Clock) {
    this.#count = count;
    this.#clock = clock;
  }

  /** Is to be waited for before a write, so that it is not counted twice, or never. Never rejects. */
  async prepare(): Promise<void> {
    const standing = this.#standing;
    const isFresh = standing !== null &&
      this.#clock.monotonic() < standing.countedAt + standing.freshMs;
    if (isFresh && this.#counting === null) return;
    // Where the database is away the write finds that out by itself.
    await (this.#counting ?? this.#anew()).catch(() => {});
  }

  /**
   * What there is after a write; `growth` is `null` where it does not tell what it has added.
   *
   * @throws {DomainError} `dependency_unavailable`, where that has to be counted and cannot be.
   */
  async after(growth: Growth | null): Promise<GraphMetrics> {
    if (growth === null || this.#standing === null) return await this.#anew();
    this.#standing = { ...this.#standing, metrics: grown(this.#standing.metrics, growth) };
    return this.#standing.metrics;
  }

  /** Something was written of which it is not known what it has changed. */
  forget(): void {
    this.#standing = null;
    this.#counting = null;
  }

  async #anew(): Promise<GraphMetrics> {
    const countedAt = this.#clock.monotonic();
    const counting = this.#count();
    this.#counting = counting;
    try {
      const metrics = await counting;
      const tookMs = this.#clock.monotonic() - countedAt;
      const freshMs = Math.max(COUNTED_ANEW_MS, COUNTING_SHARE * tookMs);
      if (this.#counting === counting) this.#standing = { metrics, countedAt, freshMs };
      return metrics;
    } finally {
      if (this.#counting === counting) this.#counting = null;
    }
  }
}

function grown(metrics: GraphMetrics, growth: Growth): GraphMetrics {
  return {
    nodeCount: metrics.nodeCount + growth.nodes,
    relationshipCount: metrics.relationshipCount + growth.relationships,
    labels: added(metrics.labels, growth.labels),
    relationshipTypes: added(metrics.relationshipTypes, growth.relationshipTypes),
  };
}

function added(
  counts: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = new Map(Object.entries(counts));
  for (const [name, count] of Object.entries(more)) {
    if (count > 0) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
