import { type SandboxedRunner, testing } from "../adapters/sandbox/testing/testing_runner.ts";
import { createPythonSyntax } from "../adapters/python_syntax/syntax.ts";
import { type Admission, admitted } from "../application/decorators/admitted.ts";
import { observed } from "../application/decorators/observed.ts";
import { policed } from "../application/decorators/policed.ts";
import type { RunParts } from "../application/execute_code.ts";
import { UserPlaces } from "../application/user_places.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { Tracing } from "./compose_tracing.ts";
import type { Config } from "./config.ts";

/** What a process' own runner takes beside the configuration. */
export interface RunnerParts {
  readonly sandbox: SandboxedRunner;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/** What runs programs, and for whom. */
export interface OpenedRunner extends Pick<RunParts, "runner" | "places"> {
  /** The same, unmeasured: a job may be put off, and is one run all the same. */
  readonly jobRunner: RunParts["runner"];
}

/** The sandbox with all that stands before it, and the places in it that each user may hold. */
export function openRunner(
  { execution: { policy, perUser } }: Config,
  { sandbox, admission, clock, telemetry, tracing }: RunnerParts,
): OpenedRunner {
  const judged = policed(testing(tracing.sandbox(sandbox)), {
    syntax: createPythonSyntax(),
    policy,
  });
  const door = admitted(judged, tracing.door(admission), { clock, telemetry });
  const state = () => admission.state();
  return {
    runner: observed(door, telemetry),
    jobRunner: door,
    places: new UserPlaces({ perUser, state, telemetry }),
  };
}
