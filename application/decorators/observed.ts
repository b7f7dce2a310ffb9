import { DomainError } from "../../domain/errors.ts";
import type { Telemetry } from "../../domain/ports/telemetry.ts";
import type { ExecutionEnd } from "../../domain/ports/telemetry.ts";
import type { AdmittedRunner } from "./admitted.ts";

const REFUSALS = new Set(["too_many_executions", "language_unavailable", "validation_failed"]);

/** Tells telemetry how every run asked for has ended. */
export function observed(runner: AdmittedRunner, telemetry: Telemetry): AdmittedRunner {
  return {
    async run(request, signal) {
      const { language } = request;
      try {
        const done = await runner.run(request, signal);
        const { outcome: end, durationSeconds } = done.outcome;
        telemetry.record({ kind: "execution_finished", language, end, durationSeconds });
        return done;
      } catch (error) {
        const end = endOf(error);
        telemetry.record({ kind: "execution_finished", language, end, durationSeconds: null });
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
