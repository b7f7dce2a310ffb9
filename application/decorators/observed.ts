import { DomainError, type FailureCode } from "../../domain/errors.ts";
import type { Language } from "../../domain/execution/language.ts";
import type { ExecutionEnd, Measurement, Telemetry } from "../../domain/ports/telemetry.ts";
import type { DecoratedRunner, Finished } from "./admitted.ts";

const REFUSALS: ReadonlySet<FailureCode> = new Set([
  "too_many_executions",
  "language_unavailable",
  "code_rejected",
]);

/** How a run ended, as it is measured. */
export type ExecutionFinished = Extract<Measurement, { kind: "execution_finished" }>;

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
        telemetry.record(neverRun(language, error));
        throw error;
      }
    },
  };
}

/** How a run ended that was not run to an outcome. */
export function neverRun(language: Language, error: unknown): ExecutionFinished {
  const never = { limit: null, durationSeconds: null };
  return { kind: "execution_finished", language, end: endOf(error), ...never };
}

function endOf(error: unknown): ExecutionEnd {
  if (!(error instanceof DomainError)) return "error";
  if (error.failure.code === "cancelled") return "cancelled";
  return REFUSALS.has(error.failure.code) ? "rejected" : "error";
}
