import { type AlertCase, answered, durations } from "./alert_cases.ts";

const MINUTES_APART = 2;

/** A stretch of minutes in which so many of each thousand requests are bad. */
type Stretch = readonly [minutes: number, bad: number];

interface Objective {
  readonly kind: "Availability" | "Latency";
  /** What the texts call a bad request. */
  readonly what: string;
  /** Bad requests in ten thousand that the objective allows. */
  readonly budget: number;
  series(stretches: readonly Stretch[]): AlertCase["series"];
}

const HOUR = 60;
const DAY = 24 * HOUR;

/** A counter that grows by so much a sample, in each stretch. */
function counter(stretches: readonly Stretch[], each: (bad: number) => number): string {
  let value = 0;
  return stretches.map(([minutes, bad]) => {
    const first = value;
    const samples = minutes / MINUTES_APART;
    value += each(bad) * samples;
    return `${first}+${each(bad)}x${samples - 1}`;
  }).join(" ");
}

const OBJECTIVES: readonly Objective[] = [
  {
    kind: "Availability",
    what: "failed requests",
    budget: 10,
    series: (stretches) => ({
      [answered("ok")]: counter(stretches, (count) => 1000 - count),
      [answered("failed")]: counter(stretches, (count) => count),
    }),
  },
  {
    kind: "Latency",
    what: "slow requests",
    budget: 100,
    series(stretches) {
      const names = Object.keys(durations("/api/v1/graph_query", 0, 0, 0));
      const isFast = (name: string) => /le="0\.[12]"/.test(name);
      const samples = (name: string) =>
        counter(stretches, (bad) => isFast(name) ? 1000 - bad : 1000);
      return Object.fromEntries(names.map((name) => [name, samples(name)]));
    },
  },
];

/**
 * Each pair of windows once, told by a share of bad requests that burns the budget between its rate
 * and that of the pair above; and why a share that was bad does not speak any more.
 */
function casesOf({ kind, what, budget, series }: Objective): AlertCase[] {
  const fast = `UltimateMcp${kind}BudgetBurnFast`;
  const slow = `UltimateMcp${kind}BudgetBurnSlow`;
  const bad = (rate: number) => rate * budget / 10;
  const percent = (rate: number) => `${Number((rate * budget / 100).toPrecision(4))}%`;
  const quick = "2 % of the budget go in an hour, or 5 % in six.";
  const gradual = "10 % of the budget go in one to three days.";
  const said = (rate: number, text: string) =>
    `${percent(rate)} of the requests are ${what}; at this rate ${text}`;
  const silent = (alert: string, because: string, at: string, stretches: readonly Stretch[]) => ({
    alert,
    because,
    at,
    apart: `${MINUTES_APART}m`,
    // Each judging of three days costs promtool as much as a short history in all.
    every: alert === fast ? "20m" : "6h",
    series: series(stretches),
  });
  const speaks = (alert: string, rate: number, at: string, stretches: readonly Stretch[]) => ({
    ...silent(alert, `it burns ${rate} times as fast as it may`, at, stretches),
    fires: {},
    description: said(rate, alert === fast ? quick : gradual),
  });
  return [
    // Of six hours it is less than six times.
    speaks(fast, 20, "445m", [[6 * HOUR, 0], [90, bad(20)]]),
    speaks(fast, 8, "370m", [[7 * HOUR, bad(8)]]),
    silent(fast, "it burns five times as fast", "370m", [[7 * HOUR, bad(5)]]),
    silent(fast, "it was over 40 minutes ago", "61m", [[20, bad(60)], [HOUR, 0]]),
    // What burns so fast for a day is past what three days may have, too.
    speaks(slow, 4, "25h", [[26 * HOUR, bad(4)]]),
    speaks(slow, 2, "73h", [[74 * HOUR, bad(2)]]),
    silent(slow, "it burns at 0.8 of what it may", "73h", [[74 * HOUR, bad(0.8)]]),
    silent(slow, "it was over seven hours ago", "55h", [[2 * DAY, bad(2)], [8 * HOUR, 0]]),
  ];
}

/** The cases of the alerts of both objectives. */
export const BUDGET_CASES: readonly AlertCase[] = OBJECTIVES.flatMap(casesOf);
