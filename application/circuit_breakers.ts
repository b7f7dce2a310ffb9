import { DomainError } from "../domain/errors.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { BreakerAction, BreakerMetrics } from "../domain/resilience/breaker_policy.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { CircuitBreaker } from "../domain/resilience/circuit_breaker.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** A request to change a breaker, already checked for its shape. */
export interface ChangeCircuitBreaker {
  readonly name: string;
  readonly action: BreakerAction;
}

/** What {@link changeCircuitBreaker} works with. */
export interface CircuitBreakersParts {
  readonly breakers: BreakerRegistry;
  readonly audit: Audit;
}

/** All breakers, for an admin. @throws {DomainError} `forbidden`. */
export async function listCircuitBreakers(
  breakers: BreakerRegistry,
  { principal }: RequestContext,
): Promise<readonly BreakerMetrics[]> {
  requirePermission(principal, "system:admin");
  return await Promise.resolve(breakers.metrics());
}

/**
 * Resets, opens or disables a breaker; the audit is told before it is answered, also of a reset that
 * finds the breaker closed. A change that it cannot be told of stands, and is answered as a failure.
 *
 * @throws {DomainError} `forbidden`, `not_found`, `dependency_unavailable`.
 */
export async function changeCircuitBreaker(
  { breakers, audit }: CircuitBreakersParts,
  { name, action }: ChangeCircuitBreaker,
  context: RequestContext,
): Promise<BreakerMetrics> {
  requirePermission(context.principal, "system:admin");
  const breaker = breakers.get(name);
  if (breaker === null) {
    throw new DomainError({ code: "not_found", what: `a circuit breaker of the name '${name}'` });
  }
  const from = breaker.state;
  ACTIONS[action](breaker);
  const details = { breaker: name, from, to: breaker.state, cause: "admin" } as const;
  await audit.record({ type: "circuit_breaker_changed", details }, actorOf(context));
  return breaker.metrics();
}

const ACTIONS: { readonly [A in BreakerAction]: (breaker: CircuitBreaker) => void } = {
  reset: (breaker) => breaker.reset(),
  open: (breaker) => breaker.forceOpen(),
  disable: (breaker) => breaker.disable(),
};
