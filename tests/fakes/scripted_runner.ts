import { DomainError } from "../../domain/errors.ts";
import type { Verdict } from "../../domain/execution/ending.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type {
  ExecutionRunner,
  RunnerStatus,
  RunWatcher,
} from "../../domain/ports/execution_runner.ts";
import { PROGRAMS } from "../contracts/execution_runner.ts";

/** What a scripted program does: its answer, or a run that lasts until it is let go or cancelled. */
export type Script = Partial<ExecutionOutcome> | Promise<Partial<ExecutionOutcome>>;

const VERDICT: Verdict = { outcome: "ok", returnCode: 0, signal: null, limit: null };
const OUTCOME: ExecutionOutcome = {
  ...VERDICT,
  stdout: "",
  stderr: "",
  stdoutTruncated: false,
  stderrTruncated: false,
  durationSeconds: 0.001,
  cpuSeconds: 0.001,
  memoryPeakBytes: 1024,
  files: [],
  omittedFiles: [],
  omittedFileCount: 0,
  isolation: { runner: "scripted", layers: [], missing: [] },
};
const CANCELLED: Verdict = {
  outcome: "cancelled",
  returnCode: 137,
  signal: "SIGKILL",
  limit: null,
};
const FOREVER = new Promise<never>(() => {});

/** A runner that knows programs by their text and runs nothing. */
export class ScriptedRunner implements ExecutionRunner {
  readonly scripts = new Map<string, (request: ExecutionRequest) => Script>([
    [PROGRAMS.prints.code, () => ({ stdout: "1\n" })],
    [PROGRAMS.fails.code, () => ({ outcome: "nonzero", returnCode: 3, stderr: "bad\n" })],
    [PROGRAMS.sleeps.code, sleep],
  ]);
  readonly #closing = Promise.withResolvers<never>();
  #closed = false;

  constructor() {
    this.#closing.promise.catch(() => {});
  }

  async run(
    request: ExecutionRequest,
    signal: AbortSignal,
    watcher?: RunWatcher,
  ): Promise<ExecutionOutcome> {
    if (this.#closed) throw shuttingDown();
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    const script = this.scripts.get(request.code) ?? (() => ({}));
    watcher?.started();
    const left = cancellation(signal);
    try {
      const done = await Promise.race([script(request), left.promise, this.#closing.promise]);
      const outcome = { ...OUTCOME, ...done };
      for (const stream of ["stdout", "stderr"] as const) {
        if (outcome[stream] !== "") watcher?.wrote?.(stream, outcome[stream]);
      }
      return outcome;
    } finally {
      left.forget();
    }
  }

  status(): RunnerStatus {
    return {
      runner: "scripted",
      ready: !this.#closed,
      refusal: null,
      layers: [],
      missing: [],
      unavailableLanguages: {},
      packages: { preloaded: [], notPreloaded: {} },
      toolchain: "scripted 1",
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#closing.reject(shuttingDown());
    return Promise.resolve();
  }
}

function sleep({ limits }: ExecutionRequest): Script {
  if (limits.timeoutSeconds > 1) return FOREVER;
  const durationSeconds = limits.timeoutSeconds;
  return { outcome: "timeout", returnCode: 124, limit: "timeout_seconds", durationSeconds };
}

function shuttingDown(): DomainError {
  return new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
}

function cancellation(signal: AbortSignal): { promise: Promise<Verdict>; forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const cancel = () => resolve(CANCELLED);
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel);
  return { promise, forget: () => signal.removeEventListener("abort", cancel) };
}
