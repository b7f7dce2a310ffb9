import { z } from "@hono/zod-openapi";
import {
  BREAKER_ACTIONS,
  BREAKER_STATES,
  type BreakerMetrics,
} from "../../domain/resilience/breaker_policy.ts";

const count = z.int().nonnegative();
const time = z.string().nullable().meta({ description: "ISO 8601 UTC; `null`: never yet." });

/** A breaker as it crosses the wire. */
export const circuitBreakerSchema = z.object({
  name: z.string(),
  state: z.enum(BREAKER_STATES).meta({
    description: "`forced_open` and `disabled` are an admin's doing, and end only by one.",
  }),
  failure_threshold: z.int().meta({ description: "Failures in a row that open it." }),
  success_threshold: z.int().meta({ description: "Probes that must succeed to close it." }),
  timeout_seconds: z.number().meta({ description: "From its opening to the first probe." }),
  half_open_max_calls: z.int().meta({ description: "Probes in flight at most." }),
  calls: z.object({
    total: count,
    successful: count,
    failed: count,
    rejected: count,
    ignored: count,
  }).meta({ description: "Calls that have ended since the start; `total` is the sum." }),
  transitions: z.array(
    z.object({ from: z.enum(BREAKER_STATES), to: z.enum(BREAKER_STATES), count }),
  ).meta({ description: "Changes of state that have happened, and how often." }),
  last_failure_at: time,
  last_success_at: time,
  retry_after_seconds: z.number().meta({ description: "0 while calls are let in." }),
}).openapi("CircuitBreaker");

/** All of them. */
export const circuitBreakersSchema = z.object({
  circuit_breakers: z.array(circuitBreakerSchema),
}).openapi("CircuitBreakers");

/** What an admin asks of one. */
export const breakerActionSchema = z.strictObject({
  action: z.enum(BREAKER_ACTIONS).meta({
    description:
      "`reset` closes it; `open` rejects and `disable` lets in every call until a reset.",
  }),
}).openapi("CircuitBreakerAction");

/** A breaker as it crosses the wire. */
export function wireBreaker(metrics: BreakerMetrics): z.output<typeof circuitBreakerSchema> {
  const { name, state, policy, calls, transitions } = metrics;
  return {
    name,
    state,
    failure_threshold: policy.failureThreshold,
    success_threshold: policy.successThreshold,
    timeout_seconds: policy.timeoutSeconds,
    half_open_max_calls: policy.halfOpenMaxCalls,
    calls: { ...calls },
    transitions: transitions.filter(({ count }) => count > 0),
    last_failure_at: isoOf(metrics.lastFailureAt),
    last_success_at: isoOf(metrics.lastSuccessAt),
    retry_after_seconds: metrics.retryAfterSeconds,
  };
}

function isoOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
