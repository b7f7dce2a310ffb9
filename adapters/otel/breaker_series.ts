import type { Meter } from "@opentelemetry/api";
import type { BreakerMetrics, BreakerStateName } from "../../domain/resilience/breaker_policy.ts";
import { PREFIX } from "./instruments.ts";

/** What every circuit breaker has counted; asked for by each scrape. */
export type BreakerSource = () => readonly BreakerMetrics[];

const NAME = `${PREFIX}circuit_breaker`;

/** What a state means to callers, as the gauge has it: an admin's states are no values of their own. */
const VALUES: { readonly [S in BreakerStateName]: number } = {
  closed: 0,
  disabled: 0,
  open: 1,
  forced_open: 1,
  half_open: 2,
};

/** Makes the breakers' series. They are read, not recorded: a call through a breaker pays nothing for them. */
export function createBreakerSeries(meter: Meter, source: BreakerSource): void {
  const state = meter.createObservableGauge(`${NAME}_state`, {
    description: "0 lets calls in, 1 rejects them, 2 lets a few in to find out",
  });
  state.addCallback((result) => {
    for (const { name, state } of source()) result.observe(VALUES[state], { breaker: name });
  });
  const calls = meter.createObservableCounter(`${NAME}_calls_total`, {
    description: "Calls through a breaker, by how they ended; total is the sum of the others",
  });
  calls.addCallback((result) => {
    for (const { name, calls } of source()) {
      for (const [status, count] of Object.entries(calls)) {
        result.observe(count, { breaker: name, status });
      }
    }
  });
  const transitions = meter.createObservableCounter(`${NAME}_transitions_total`, {
    description: "Changes of a breaker's state",
  });
  transitions.addCallback((result) => {
    for (const { name, transitions } of source()) {
      for (const { from, to, count } of transitions) {
        result.observe(count, { breaker: name, from, to });
      }
    }
  });
}
