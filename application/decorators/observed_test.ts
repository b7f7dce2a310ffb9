import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../domain/errors.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionEnd, Measurement } from "../../domain/ports/telemetry.ts";
import { ScriptedRunner } from "../../tests/fakes/scripted_runner.ts";
import { programOf } from "../../tests/fixtures/programs.ts";
import { observed } from "./observed.ts";

const NEVER = new AbortController().signal;

async function measure(script: () => Partial<ExecutionOutcome>): Promise<Measurement[]> {
  const runner = new ScriptedRunner();
  runner.scripts.set("program", script);
  const measured: Measurement[] = [];
  const telemetry = { record: (measurement: Measurement) => void measured.push(measurement) };
  const admitted = {
    run: async (...args: Parameters<ScriptedRunner["run"]>) => ({
      outcome: await runner.run(...args),
      queueSeconds: 0,
    }),
  };
  await observed(admitted, telemetry).run(programOf("bash", "program"), NEVER).catch(() => {});
  return measured;
}

Deno.test("observed() tells the outcome, the limit and the program's own duration [S37]", async () => {
  const measured = await measure(() => ({
    outcome: "nonzero",
    limit: "open_files",
    durationSeconds: 0.25,
  }));
  assert.deepEqual(measured, [{
    kind: "execution_finished",
    language: "bash",
    end: "nonzero",
    limit: "open_files",
    durationSeconds: 0.25,
  }]);
});

const ENDS: readonly (readonly [Failure | null, ExecutionEnd])[] = [
  [{ code: "cancelled" }, "cancelled"],
  [{ code: "too_many_executions", running: 1, waiting: 1, retryAfterSeconds: 1 }, "rejected"],
  [
    { code: "language_unavailable", language: "bash", reason: "none", remedy: "Install it." },
    "rejected",
  ],
  [{ code: "shutting_down", retryAfterSeconds: 1 }, "error"],
  [null, "error"],
];

for (const [failure, end] of ENDS) {
  Deno.test(`observed() counts ${failure?.code ?? "any other fault"} as ${end} [S37]`, async () => {
    const error = failure === null ? new Error("broken") : new DomainError(failure);
    const measured = await measure(() => {
      throw error;
    });
    const never = { limit: null, durationSeconds: null };
    assert.deepEqual(measured, [{ kind: "execution_finished", language: "bash", end, ...never }]);
  });
}
