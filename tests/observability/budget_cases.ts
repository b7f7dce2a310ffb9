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

/** Samples that a window has. By how much one grew is to be seen where the one before it is, too. */
const [LONG, SHORT] = [120, 10];
/** From one judging to the next there are so many samples, which is longer than `for`. */
const JUDGED_AFTER = 15;
/** And so much of the way to another, so that no window begins at a sample: `JUDGED` says why. */
const LATER = 1 / 15;
const EACH = 1_000_000;
/** Requests before a long window were so many that over no longer one the budget burns as well. */
const BEFORE: Stretch<Share> = [30, [30 * EACH, 0]];
/** So that what was before is out of sight at the last judging but one, too. */
const BETWEEN: Stretch<Share> = [15, [EACH, 0]];
const JUDGINGS = (30 + 15 + LONG) / JUDGED_AFTER;

/** Of a short window's growth that is before its last four samples. */
const MENDED_SHARE = 5 / (SHORT - 1);

/**
 * For each window of a pair a history in which it burns a little faster than it may, and one in which
 * a little slower, while the other window burns much faster, and neither one of the other pair.
 */
function pairCases({ kind, what, budget, ways }: Objective, pair: Pair): AlertCase[] {
  const { alert, longMinutes, rate } = pair;
  const bad = (times: number): Share => [EACH, Math.round(times * rate * budget * EACH)];
  const apart = longMinutes * 60 / LONG;
  const every = (JUDGED_AFTER + LATER) * apart;
  const percent = (times: number) => `${Number((times * rate * budget * 100).toPrecision(4))}%`;
  const base = {
    alert: `UltimateMcp${kind}BudgetBurn${alert}`,
    apart: `${apart}s`,
    every: `${every}s`,
    at: `${JUDGINGS * every}s`,
  };
  // Bad for the last nine tenths of the long window: of half of it, or of twice, it is another share.
  const begun = (times: number): readonly Stretch<Share>[] => [
    BEFORE,
    BETWEEN,
    [12, [EACH, 0]],
    [108, bad(times / (108 / (LONG - 1)))],
  ];
  // Bad for all of it but the end of the short one.
  const mended = (times: number): readonly Stretch<Share>[] => [
    BEFORE,
    BETWEEN,
    [116, bad(times / MENDED_SHARE)],
    [4, [EACH, 0]],
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
      ...speaks(OVER / MENDED_SHARE * 115 / (LONG - 1)),
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
      silentAt: `${minutes + 1}m`,
      at: `${minutes + 2}m`,
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
