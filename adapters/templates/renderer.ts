import { DomainError, type Failure } from "../../domain/errors.ts";
import type { TemplateRequest } from "../../domain/generation/template.ts";
import type { TemplateRenderer } from "../../domain/ports/template_renderer.ts";
import { WorkerPool } from "../workers/pool.ts";
import type { SeatOptions } from "../workers/seat.ts";
import { type PoolState, WorkerFault } from "../workers/worker_fault.ts";
import type { Asked, Rendered } from "./messages.ts";

/** Where the workers run, and how many there are. */
export interface RendererOptions extends Pick<SeatOptions, "deno" | "environment"> {
  /** Default: 2. One caller has one less at work. */
  readonly workers?: number;
  /** What may wait for a worker. Default: 64. */
  readonly queue?: number;
}

/** What a template may take, from when a worker begins it. */
const TIMEOUT_SECONDS = 2;
/** What JavaScript's heap, and the engine's memory, may each hold. */
const MEMORY_MEGABYTES = 64;

/** Fills templates in with MiniJinja, in processes that may do nothing else. */
export class Renderer implements TemplateRenderer {
  readonly #pool: WorkerPool<Asked, Rendered>;

  constructor({ workers = 2, queue = 64, ...place }: RendererOptions) {
    this.#pool = new WorkerPool({
      module: new URL("./worker.ts", import.meta.url),
      name: "templates",
      size: workers,
      queue,
      memoryMegabytes: MEMORY_MEGABYTES,
      ...place,
    });
  }

  /** How full it is now. */
  get state(): PoolState {
    return this.#pool.state;
  }

  async render(
    { template, context }: TemplateRequest,
    caller: string,
    signal: AbortSignal,
  ): Promise<string> {
    const options = { timeoutSeconds: TIMEOUT_SECONDS, signal };
    const rendered = await this.#pool.run(caller, { template, context }, options).catch((error) => {
      throw new DomainError(failureOf(error, signal), { cause: error });
    });
    if (rendered.kind === "text") return rendered.text;
    const { message, line, name } = rendered;
    throw new DomainError({ code: "template_invalid", message, line, name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { code: "cancelled" };
  if (!(error instanceof WorkerFault)) return unavailable(String(error));
  const { reason, running, waiting, message } = error;
  switch (reason) {
    case "timeout":
      return invalid(`it takes longer than ${TIMEOUT_SECONDS} s`);
    case "crashed":
      return invalid("it needs more memory than a template may");
    case "queue_full":
      return { code: "too_many_executions", running, waiting, retryAfterSeconds: 1 };
    case "closed":
      return { code: "shutting_down", retryAfterSeconds: 1 };
    case "unavailable":
      return unavailable(message);
  }
}

function invalid(message: string): Failure {
  return { code: "template_invalid", message, line: null, name: null };
}

function unavailable(reason: string): Failure {
  return {
    code: "dependency_unavailable",
    dependency: "templates",
    reason,
    remedy:
      "See that the service can start 'deno', and that 'deno install' has fetched its packages.",
    retryAfterSeconds: 1,
  };
}
