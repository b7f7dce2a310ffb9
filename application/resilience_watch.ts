import type { Log } from "../domain/ports/log.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { BreakerListener } from "../domain/resilience/breaker_registry.ts";
import type { RetryEvent } from "../domain/resilience/retry.ts";
import { type Audit, NOBODY } from "./audit_trail.ts";

/** States in which a part is not as it should be. */
const OPEN: ReadonlySet<string> = new Set(["open", "forced_open", "disabled"]);

/**
 * Logs every change of a breaker, and tells the audit of those that no admin has made and that say something new:
 * while a part is away each probe opens and closes the way to it, twice a second where Redis is asked.
 */
export function breakerWatch(
  { log, audit }: { readonly log: Log; readonly audit: Pick<Audit, "note"> },
): BreakerListener {
  return ({ breaker, from, to, cause }) => {
    const isProbe = cause === "timeout_over" || cause === "probe_failed";
    const level = isProbe ? "debug" : OPEN.has(to) ? "warn" : "info";
    log.write(level, "circuit_breaker_changed", { breaker, from, to, cause });
    // An admin's change is told by the use case, which knows who it is.
    if (isProbe || cause === "admin") return;
    audit.note({ type: "circuit_breaker_changed", details: { breaker, from, to, cause } }, NOBODY);
  };
}

/** Counts what becomes of retries, and logs a warning before each wait. */
export function retryWatch(
  { log, telemetry }: { readonly log: Log; readonly telemetry: Telemetry },
): (event: RetryEvent) => void {
  return (event) => {
    const { kind, operation, attempts } = event;
    telemetry.record({ kind: "retry", operation, result: kind });
    if (kind !== "retried") return;
    const { waitSeconds, error } = event;
    const reason = error instanceof Error ? error.message : String(error);
    log.write("warn", "call_retried", { operation, attempts, wait_seconds: waitSeconds, reason });
  };
}
