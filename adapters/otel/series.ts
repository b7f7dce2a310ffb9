import type { Attributes } from "@opentelemetry/api";

/**
 * A value for each set of labels of a metric, found by the labels' values alone: OpenTelemetry would sort
 * and serialise the labels of each measurement, which is most of what measuring cost.
 */
export class Series<Value> {
  readonly #names: readonly string[];
  readonly #empty: () => Value;
  readonly #all = new Map<string, { readonly labels: Attributes; readonly value: Value }>();

  /** `names`: of the labels, in the order in which their values are given. */
  constructor(names: readonly string[], empty: () => Value) {
    this.#names = names;
    this.#empty = empty;
  }

  /** The value under these labels. */
  at(labels: readonly string[]): Value {
    const key = labels.length === 1 ? labels[0] ?? "" : labels.join("\n");
    return this.#all.get(key)?.value ?? this.#added(key, labels);
  }

  /** All that were asked for, with their labels. */
  all(): Iterable<{ readonly labels: Attributes; readonly value: Value }> {
    return this.#all.values();
  }

  #added(key: string, labels: readonly string[]): Value {
    const named = Object.fromEntries(this.#names.map((name, at) => [name, labels[at] ?? ""]));
    const value = this.#empty();
    this.#all.set(key, { labels: named, value });
    return value;
  }
}
