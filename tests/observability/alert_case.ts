/** What one alert says of one history. */
export interface AlertCase {
  readonly alert: string;
  /** Why it speaks, or why it does not. */
  readonly because: string;
  /** How long its samples are apart. Default: a minute. */
  readonly apart?: string;
  /** How often the rules are judged. Default: `JUDGED`. */
  readonly every?: string;
  /** Samples in promtool's notation, by a series' name with labels; each gets `job` and `instance` besides. */
  readonly series: Series;
  /** When it is looked at, such as `8m`. */
  readonly at: string;
  /** A moment before, at which it does not speak yet. */
  readonly silentAt?: string;
  /** What it says, by its labels without `job`; nothing where it does not fire. */
  readonly fires?: Readonly<Record<string, string>>;
  /** Where it fires: the text that the operator reads. */
  readonly description?: string;
}

export type Series = Readonly<Record<string, string>>;

/** So many samples, of each of which the same is true. */
export type Stretch<T> = readonly [samples: number, each: T];

/** How many of a sample's requests took up to a bound, more, and more than what may be. */
export type Spread = readonly [fast: number, nearly: number, slow: number];

/**
 * A little more than a minute, so that no window begins at the very moment of a sample: to
 * Prometheus 2 that sample is of the window, and to Prometheus 3 it is not. Five minutes thus see
 * five samples, and by how much four of them grew.
 */
export const JUDGED = "61s";

/** More than any history counts: a rate is not stretched to before its counter was at nothing. */
const COUNTED_BEFORE = 10_000_000_000;

/**
 * A counter that begins high, and then grows by so much a sample. Whole numbers only: a fraction
 * that is added up differs from one that is multiplied, and what is less than before is a new start.
 */
export function counting(stretches: readonly Stretch<number>[]): string {
  let value = COUNTED_BEFORE;
  const parts = stretches.map(([samples, by]) => {
    const first = value + by;
    value += by * samples;
    return `${first}+${by}x${samples - 1}`;
  });
  return [`${COUNTED_BEFORE}`, ...parts].join(" ");
}

/**
 * A history that is good for ten minutes and bad from then on, by 1.4 times what may be: of the last
 * five minutes it is too much from the 13th on, where one of half that long would know at the 12th,
 * and one of twice that at the 17th.
 */
export const SINCE = "it has been too much of five minutes for as long as it must";
export const GOOD = 10;
export const BAD = 40;

/** Twenty minutes, each like the other. */
export const steady = (each: number): string => counting([[20, each]]);

/** Requests that ended so, of callers or of what watches. */
export function answered(outcome: string, source = "callers"): string {
  return `ultimate_mcp_http_request_outcomes_total{source="${source}",outcome="${outcome}"}`;
}

/** Requests of a route: up to 100 ms, 200 ms, 500 ms. */
export function durations(route: string, stretches: readonly Stretch<Spread>[]): Series {
  const labels = `method="POST",route="${route}",code="200",`;
  return histogram("ultimate_mcp_http_request_duration_seconds", labels, ["0.1", "0.2", "0.5"])(
    stretches,
  );
}

/** The same of calls of a tool over MCP. */
export function callDurations(tool: string, stretches: readonly Stretch<Spread>[]): Series {
  const labels = `tool="${tool}",outcome="ok",`;
  return histogram("ultimate_mcp_mcp_tool_duration_seconds", labels, ["0.1", "0.2", "0.5"])(
    stretches,
  );
}

/** Runs by their wait for a place: up to half a second, one second, two and a half. */
export const waits = histogram("ultimate_mcp_code_execution_queue_seconds", "", [
  "0.5",
  "1",
  "2.5",
]);

function histogram(name: string, labels: string, bounds: readonly string[]) {
  return (stretches: readonly Stretch<Spread>[]): Series => {
    const upTo = (bound: number) =>
      counting(stretches.map(([samples, spread]) => [
        samples,
        spread.slice(0, bound + 1).reduce((sum, count) => sum + count),
      ]));
    const all = upTo(bounds.length - 1);
    return {
      ...Object.fromEntries(
        bounds.map((bound, at) => [`${name}_bucket{${labels}le="${bound}"}`, upTo(at)]),
      ),
      [`${name}_bucket{${labels}le="+Inf"}`]: all,
      [`${name}_count{${labels.replace(/,$/, "")}}`]: all,
    };
  };
}

/** Look-ups of a cache, of each sample so many found in memory, found in Redis, and found nowhere. */
export function lookUps(
  stretches: readonly Stretch<readonly [memory: number, redis: number, nowhere: number]>[],
): Series {
  const name = 'ultimate_mcp_cache_operations_total{cache="graph_queries"';
  const counter = (count: (memory: number, redis: number, nowhere: number) => number) =>
    counting(stretches.map(([samples, each]) => [samples, count(...each)]));
  return {
    [`${name},operation="hit",tier="l1"}`]: counter((memory) => memory),
    [`${name},operation="miss",tier="l1"}`]: counter((_, redis, nowhere) => redis + nowhere),
    [`${name},operation="hit",tier="l2"}`]: counter((_, redis) => redis),
    [`${name},operation="miss",tier="l2"}`]: counter((_, __, nowhere) => nowhere),
  };
}
