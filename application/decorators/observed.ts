import { DomainError } from "../../domain/errors.ts";
import type { ExecutionEnd, Telemetry } from "../../domain/ports/telemetry.ts";
import type { DecoratedRunner, Finished } from "./admitted.ts";

const REFUSALS = new Set(["too_many_executions", "language_unavailable", "code_rejected"]);

/** Tells telemetry how every run asked for has ended. */
export function observed<Done extends Finished>(
  runner: DecoratedRunner<Done>,
  telemetry: Telemetry,
): DecoratedRunner<Done> {
  return {
    async run(request, signal, watcher) {
      const { language } = request;
      try {
        const done = await runner.run(request, signal, watcher);
        const { outcome: end, limit, durationSeconds } = done.outcome;
        telemetry.record({ kind: "execution_finished", language, end, limit, durationSeconds });
        return done;
      } catch (error) {
        const never = { limit: null, durationSeconds: null };
        telemetry.record({ kind: "execution_finished", language, end: endOf(error), ...never });
        throw error;
      }
    },
  };
}

function endOf(error: unknown): ExecutionEnd {
  if (!(error instanceof DomainError)) return "error";
  if (error.failure.code === "cancelled") return "cancelled";
  return REFUSALS.has(error.failure.code) ? "rejected" : "error";
}
