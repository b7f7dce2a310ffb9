import { sleep } from "../adapters/system/sleep.ts";
import { retryWatch } from "../application/resilience_watch.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { CircuitBreaker } from "../domain/resilience/circuit_breaker.ts";
import { graphVerdict, isTransientGraphFault } from "../domain/resilience/graph_faults.ts";
import { Retrier, RetryBudget } from "../domain/resilience/retry.ts";
import type { ResilienceSetting } from "./resilience_setting.ts";

/** What stands before reading and writing the graph. */
export interface GraphBreakers {
  readonly read: CircuitBreaker;
  readonly write: CircuitBreaker;
}

/** The breakers of the graph, `graph_read` and `graph_write`, whichever engine keeps it. */
export function graphBreakers(
  breakers: BreakerRegistry,
  { breakers: { read, write } }: ResilienceSetting,
): GraphBreakers {
  return {
    read: breakers.getOrCreate("graph_read", { policy: read, judge: graphVerdict }),
    write: breakers.getOrCreate("graph_write", { policy: write, judge: graphVerdict }),
  };
}

/** What retrying takes beside its settings. */
export interface RetryingParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

/** What tries reads and writes of the graph again, each on a budget of its own. */
export function graphRetriers(
  { retry: policy }: ResilienceSetting,
  parts: RetryingParts,
): { readonly read: Retrier; readonly write: Retrier } {
  const around = {
    policy,
    isTransient: isTransientGraphFault,
    monotonic: () => parts.clock.monotonic(),
    chance: () => Math.random(),
    sleep,
    onEvent: retryWatch(parts),
  };
  return {
    read: new Retrier({ ...around, operation: "graph_read", budget: new RetryBudget() }),
    write: new Retrier({ ...around, operation: "graph_write", budget: new RetryBudget() }),
  };
}
