/**
 * One side of `deno task bench breaker`: `breaker_side.ts SIDE CALLS` prints the nanoseconds that a call
 * takes whose work is done at once, through a breaker that stays closed.
 */

import { circuitBreaker, ConsecutiveBreaker, handleAll } from "cockatiel";
import Opossum from "opossum";
import { systemClock } from "../../adapters/system/clock.ts";
import { CircuitBreaker } from "../../domain/resilience/circuit_breaker.ts";

type Call = () => Promise<number>;

const work: Call = () => Promise.resolve(1);

/** Calls before any is counted: the code is not compiled before. */
const WARM_UP = 200_000;

/** Each with the product's own thresholds, as far as it can say them. */
const SIDES: Readonly<Record<string, () => Call>> = {
  bare: () => work,
  ours() {
    const breaker = new CircuitBreaker({ name: "graph_read", clock: systemClock });
    return () => breaker.call(work);
  },
  windowed() {
    const slowCalls = { seconds: 1, rate: 0.5 };
    const window = { over: { calls: 100 }, minimumCalls: 20, failureRate: 0.5, slowCalls };
    const breaker = new CircuitBreaker({
      name: "graph_read",
      clock: systemClock,
      policy: { window },
    });
    return () => breaker.call(work);
  },
  cockatiel() {
    const breaker = new ConsecutiveBreaker(5);
    const policy = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker });
    return () => policy.execute(work);
  },
  opossum() {
    const breaker = new Opossum(work, { resetTimeout: 60_000, timeout: false });
    return () => breaker.fire();
  },
};

async function nanoseconds(call: Call, calls: number): Promise<number> {
  const began = performance.now();
  for (let left = calls; left > 0; left -= 1) await call();
  return (performance.now() - began) * 1e6 / calls;
}

const [side = "", calls = ""] = Deno.args;
const call = SIDES[side]?.();
if (call === undefined) throw new Error(`Cannot measure '${side}': expected ${Object.keys(SIDES)}`);
await nanoseconds(call, WARM_UP);
const took = await nanoseconds(call, Number(calls));
await Deno.stdout.write(new TextEncoder().encode(`${took}\n`));
// opossum's timers would keep it.
Deno.exit(0);
