import { DomainError } from "../../domain/errors.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { RunWatcher } from "../../domain/ports/execution_runner.ts";
import type { Telemetry } from "../../domain/ports/telemetry.ts";

/** How many runs may be in hand. */
export interface AdmissionBounds {
  /** Runs at once. */
  readonly concurrency: number;
  /** Runs waiting for a place, beyond those. */
  readonly queue: number;
  /** Sum of the memory limits of the runs at once, in MiB. One run alone is always let in. */
  readonly memoryMb: number;
}

/** A finished run. */
export interface Finished {
  readonly outcome: ExecutionOutcome;
}

/** What is told of a finished run, with the time it waited for its place. */
export type Admitted<Done extends Finished> = Done & { readonly queueSeconds: number };

/** How full the runner is now. */
export interface AdmissionState {
  readonly running: number;
  readonly waiting: number;
}

/** What stands before a runner, and tells more of each run than it. */
export interface DecoratedRunner<Done extends Finished> {
  run(request: ExecutionRequest, signal: AbortSignal, watcher?: RunWatcher): Promise<Done>;
}

/**
 * A runner behind a bounded number of places and a bounded first-in-first-out queue.
 *
 * Rejects at once with `too_many_executions` when the queue is full. A caller that leaves gives its place
 * in the queue back.
 */
export type AdmittedRunner<Done extends Finished> = DecoratedRunner<Admitted<Done>>;

/** Puts a bounded door before a runner. */
export function admitted<Done extends Finished>(
  runner: DecoratedRunner<Done>,
  door: Pick<Admission, "enter">,
  parts: { readonly clock: Clock; readonly telemetry: Telemetry },
): AdmittedRunner<Done> {
  return {
    async run(request, signal, watcher) {
      const asked = parts.clock.monotonic();
      const leave = await door.enter(request.limits.memoryMb, signal);
      const queueSeconds = (parts.clock.monotonic() - asked) / 1000;
      parts.telemetry.record({ kind: "execution_admitted", queueSeconds });
      try {
        return { ...await runner.run(request, signal, watcher), queueSeconds };
      } finally {
        leave();
      }
    },
  };
}

interface Waiter {
  readonly memoryMb: number;
  readonly admit: () => void;
}

/** The door itself: who is in, who waits. */
export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #waiting = new Set<Waiter>();
  #closed = false;
  #running = 0;
  #memoryMb = 0;

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  /** How full it is now. */
  state(): AdmissionState {
    return { running: this.#running, waiting: this.#waiting.size };
  }

  /** Refuses whoever comes from now on with `shutting_down`; those inside and waiting go on. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves to the function that gives the place back. */
  async enter(memoryMb: number, signal: AbortSignal): Promise<() => void> {
    if (this.#closed) throw new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    if (this.#waiting.size > 0 || !this.#hasRoom(memoryMb)) await this.#wait(memoryMb, signal);
    else this.#take(memoryMb);
    return () => this.#leave(memoryMb);
  }

  #hasRoom(memoryMb: number): boolean {
    if (this.#running === 0) return true;
    return this.#running < this.#bounds.concurrency &&
      this.#memoryMb + memoryMb <= this.#bounds.memoryMb;
  }

  #take(memoryMb: number): void {
    this.#running += 1;
    this.#memoryMb += memoryMb;
  }

  #leave(memoryMb: number): void {
    this.#running -= 1;
    this.#memoryMb -= memoryMb;
    this.#admitWaiting();
  }

  #admitWaiting(): void {
    for (const waiter of this.#waiting) {
      if (!this.#hasRoom(waiter.memoryMb)) return;
      this.#waiting.delete(waiter);
      this.#take(waiter.memoryMb);
      waiter.admit();
    }
  }

  #wait(memoryMb: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#bounds.queue) throw this.#full();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abandon = () => {
      if (!this.#waiting.delete(waiter)) return;
      reject(new DomainError({ code: "cancelled" }));
      this.#admitWaiting();
    };
    const waiter: Waiter = {
      memoryMb,
      admit: () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      },
    };
    this.#waiting.add(waiter);
    signal.addEventListener("abort", abandon, { once: true });
    return promise;
  }

  #full(): DomainError {
    return new DomainError({
      code: "too_many_executions",
      running: this.#running,
      waiting: this.#waiting.size,
      retryAfterSeconds: 1,
    });
  }
}
