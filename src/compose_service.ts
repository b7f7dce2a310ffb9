import type { HttpApp } from "../adapters/http/app.ts";
import type { ForkServerRunner } from "../adapters/sandbox/fork_server/runner.ts";
import type { Application } from "../application/application.ts";
import type { Admission } from "../application/decorators/admitted.ts";
import type { UserPlaces } from "../application/user_places.ts";
import type { JobWorker } from "../domain/ports/job_queue.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Inbound } from "./compose_inbound.ts";
import type { Tools } from "./compose_tools.ts";

/** The service, composed and running, but for its socket. */
export interface Service extends AsyncDisposable {
  readonly application: Application;
  readonly fetch: HttpApp["fetch"];
  readonly log: Log;
  /** Turns readiness off and refuses new runs; those in hand go on. */
  beginStop(): void;
  /** Resolves when the jobs that were in hand when the stop began have ended. */
  jobsEnded(): Promise<void>;
  /** Ends the runs that are still in hand; their callers are told `shutting_down`. */
  endRuns(): Promise<void>;
  /** Process id of the sandbox's broker, for those who test its loss. */
  readonly sandboxPid: () => number | null;
}

/** Whether the service has begun to stop. */
export interface Life {
  stopping: boolean;
}

/** What a process lives by. */
export interface Living {
  readonly life: Life;
  readonly admission: Admission;
  readonly sandbox: ForkServerRunner;
  readonly places: UserPlaces;
  readonly worker: JobWorker;
  /** A worker has none that streams go through. */
  readonly doors?: Pick<Inbound, "endStreams">;
  readonly tools?: Pick<Tools, "linter">;
  readonly held: AsyncDisposableStack;
}

/** How the service stops, in the order in which these are called. */
export function ending(
  { life, admission, sandbox, places, worker, doors, tools, held }: Living,
): Pick<Service, "beginStop" | "jobsEnded" | "endRuns" | typeof Symbol.asyncDispose> {
  return {
    beginStop() {
      life.stopping = true;
      // Before the door closes: what it takes now would only be given back.
      worker.stop();
      admission.close();
      doors?.endStreams();
    },
    jobsEnded: async () => await worker[Symbol.asyncDispose](),
    async endRuns() {
      await Promise.all([sandbox, tools?.linter].map((one) => one?.[Symbol.asyncDispose]()));
      // What is closed next is what they are told to.
      await places.emptied();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
