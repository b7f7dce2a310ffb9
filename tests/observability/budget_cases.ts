import {
  type AlertCase,
  answered,
  callDurations,
  counting,
  durations,
  type Series,
  type Stretch,
} from "./alert_case.ts";

/** Of so many requests so many are bad. */
type Share = readonly [requests: number, bad: number];

interface Objective {
  readonly kind: "Availability" | "Latency";
  /** What the texts call a bad request. */
  readonly what: string;
  /** The share of bad requests that the objective allows. */
  readonly budget: number;
  /** Two ways in which requests are bad. */
  readonly ways: readonly [Way, Way];
}

type Way = (stretches: readonly Stretch<Share>[]) => Series;

/** Requests that are answered well, or end so. */
function ended(outcome: string): Way {
  return (stretches) => ({
    [answered("ok")]: counting(stretches.map(([samples, [all, bad]]) => [samples, all - bad])),
    [answered(outcome)]: counting(stretches.map(([samples, [, bad]]) => [samples, bad])),
  });
}

/** Requests that are answered within 100 ms, or in more than 200. */
function slow(measured: typeof durations, name: string): Way {
  return (stretches) =>
    measured(name, stretches.map(([samples, [all, bad]]) => [samples, [all - bad, 0, bad]]));
}

const OBJECTIVES: readonly Objective[] = [
  {
    kind: "Availability",
    what: "failed requests",
    budget: 0.001,
    ways: [ended("failed"), ended("left")],
  },
  {
    kind: "Latency",
    what: "slow requests",
    budget: 0.01,
    ways: [slow(durations, "/api/v1/graph_query"), slow(callDurations, "graph_query")],
  },
];

/** Two windows, the shorter a twelfth of the longer, over which the budget must burn so fast. */
interface Pair {
  readonly alert: "Fast" | "Slow";
  readonly longMinutes: number;
  /** 1: the budget lasts for just its 30 days. */
  readonly rate: number;
}

const DAY = 24 * 60;
const PAIRS: readonly Pair[] = [
  { alert: "Fast", longMinutes: 60, rate: 14.4 },
  { alert: "Fast", longMinutes: 6 * 60, rate: 6 },
  { alert: "Slow", longMinutes: DAY, rate: 3 },
  { alert: "Slow", longMinutes: 3 * DAY, rate: 1 },
];

const SAID = {
  Fast: "at this rate 2 % of the budget go in an hour, or 5 % in six.",
  Slow: "at this rate 10 % of the budget go in one to three days.",
};

/** Above, but by less than a fourth; below, by less than a fifth. */
const [OVER, UNDER] = [1.2, 0.95];

/** Samples, and judgings, that a long window has. From one judging to the next is longer than `for`. */
const [SAMPLES, JUDGINGS] = [120, 8];
const EACH = 1_000_000;
/** Requests before a long window were so many that over no longer one the budget burns as well. */
const BEFORE: Stretch<Share> = [30, [30 * EACH, 0]];
/** So that what was before is out of sight at the last judging but one, too. */
const BETWEEN: Stretch<Share> = [15, [EACH, 0]];
const ALL = 30 + 15 + SAMPLES;

/**
 * For each window of a pair a history in which it burns a little faster than it may, and one in which
 * a little slower, while the other window burns much faster, and neither one of the other pair.
 */
function pairCases({ kind, what, budget, ways }: Objective, pair: Pair): AlertCase[] {
  const { alert, longMinutes, rate } = pair;
  const bad = (times: number): Share => [EACH, Math.round(times * rate * budget * EACH)];
  const seconds = longMinutes * 60;
  const percent = (times: number) => `${Number((times * rate * budget * 100).toPrecision(4))}%`;
  const base = {
    alert: `UltimateMcp${kind}BudgetBurn${alert}`,
    apart: `${seconds / SAMPLES}s`,
    every: `${seconds / JUDGINGS}s`,
    at: `${ALL * seconds / SAMPLES}s`,
  };
  // Bad for the last 0.9 of the long window: of half of it, or of twice, it is another share.
  const begun = (times: number): readonly Stretch<Share>[] => [
    BEFORE,
    BETWEEN,
    [12, [EACH, 0]],
    [108, bad(times / 0.9)],
  ];
  // Bad for all of it but the last half of the short one.
  const mended = (times: number): readonly Stretch<Share>[] => [
    BEFORE,
    BETWEEN,
    [115, bad(times / 0.5)],
    [5, [EACH, 0]],
  ];
  const [failing, others] = ways;
  const burns = `it burns ${rate} times as fast as it may over`;
  const speaks = (times: number) => ({
    fires: {},
    description: `${percent(times)} of the requests are ${what}; ${SAID[alert]}`,
  });
  return [
    {
      ...base,
      because: `${burns} ${longMinutes} min`,
      series: others(begun(OVER)),
      ...speaks(OVER),
    },
    { ...base, because: `${burns} less than ${longMinutes} min`, series: failing(begun(UNDER)) },
    {
      ...base,
      because: `${burns} ${longMinutes / 12} min`,
      series: failing(mended(OVER)),
      ...speaks(OVER / 0.5 * 115 / 120),
    },
    {
      ...base,
      because: `${burns} less than ${longMinutes / 12} min`,
      series: failing(mended(UNDER)),
    },
  ];
}

/** All is bad from the first minute on. */
function lastingCases({ kind, what, ways: [failing] }: Objective): AlertCase[] {
  return (["Fast", "Slow"] as const).map((alert) => {
    const minutes = alert === "Fast" ? 2 : 15;
    return {
      alert: `UltimateMcp${kind}BudgetBurn${alert}`,
      because: `it has lasted for ${minutes} minutes`,
      series: failing([[20, [EACH, EACH]]]),
      silentAt: `${minutes}m`,
      at: `${minutes + 1}m`,
      fires: {},
      description: `100% of the requests are ${what}; ${SAID[alert]}`,
    };
  });
}

/** The cases of the alerts of both objectives. */
export const BUDGET_CASES: readonly AlertCase[] = OBJECTIVES.flatMap((objective) => [
  ...PAIRS.flatMap((pair) => pairCases(objective, pair)),
  ...lastingCases(objective),
]);
