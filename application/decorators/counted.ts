import type { RateLimiter } from "../../domain/ports/rate_limiter.ts";
import type { Telemetry } from "../../domain/ports/telemetry.ts";

/** Tells telemetry what a limiter decides. */
export function counted(limiter: RateLimiter, telemetry: Telemetry): RateLimiter {
  return {
    async take(key, cost) {
      const decision = await limiter.take(key, cost);
      const { allowed, backend } = decision;
      telemetry.record({ kind: "rate_limit_decided", allowed, backend });
      return decision;
    },
  };
}
