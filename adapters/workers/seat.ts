import { encodeFrame, readFrames } from "./frames.ts";
import type { WorkerMessage } from "./messages.ts";

/** How a worker is started. */
export interface SeatOptions {
  /** The worker's main module, which calls `serve`. */
  readonly module: URL;
  /** The Deno that runs it. */
  readonly deno: string;
  /** All that it sees of the environment (`PATH`, `HOME`, `DENO_DIR`); absent: what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What JavaScript's heap, and WebAssembly's memory, may each hold in it, in megabytes. */
  readonly memoryMegabytes: number;
  /** Files and folders that it may read, none with a comma; what it imports it need not name. Default: none. */
  readonly readable?: readonly string[];
}

/** One worker that started or did not, from its start to its end. It never starts again. */
export class Seat<Input, Output> {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #started = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<Output> | null = null;
  #isGrown = false;
  #hasStarted = false;
  #end: string | null = null;
  /** Resolves once the process has ended and its pipes are closed. Never rejects. */
  readonly ended: Promise<void>;

  /**
   * Starts a process that may ask the host for nothing but what is `readable`: no network, no environment.
   *
   * @throws {Error} when there is no such program.
   */
  constructor(options: SeatOptions) {
    const { environment } = options;
    this.#process = new Deno.Command(options.deno, {
      args: argumentsOf(options),
      ...(environment === undefined ? {} : { clearEnv: true, env: { ...environment } }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    // Who waits for it is told; nobody may be waiting.
    this.#started.promise.catch(() => {});
    this.ended = this.#listen();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it may be asked something more. */
  get isUsable(): boolean {
    return this.#end === null && !this.#isGrown;
  }

  /** Whether it has ever been ready: one that has not would not be, another time. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Resolves when it can be asked; rejects when it has ended. */
  started(): Promise<void> {
    return this.#started.promise;
  }

  /** One at a time. Rejects when the worker faults or is ended. */
  async ask(input: Input): Promise<Output> {
    const asked = Promise.withResolvers<Output>();
    this.#answer = asked;
    const frame = encodeFrame(input);
    // A broken pipe ends the answers too, and that is where a lost worker is noticed.
    this.#input.write(frame).catch(() => {});
    return await asked.promise;
  }

  /** Ends the process at once: nothing else stops one that computes. The first reason counts. */
  end(reason: string): void {
    if (this.#end !== null) return;
    this.#end = reason;
    const error = new Error(reason);
    this.#started.reject(error);
    this.#answer?.reject(error);
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It has just ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #listen(): Promise<void> {
    const said = lastOf(this.#process.stderr);
    try {
      for await (const message of readFrames(this.#process.stdout)) {
        this.#hear(message as WorkerMessage<Output>);
      }
    } catch (error) {
      this.end(`it sent what cannot be read: ${String(error)}`);
    }
    this.#input.close().catch(() => {});
    const words = await said;
    const { code, signal } = await this.#process.status;
    // What is said last by one that had been at work may have been a caller's.
    this.end(`it ended (${signal ?? `exit code ${code}`})${this.#hasStarted ? "" : `: ${words}`}`);
  }

  #hear(message: WorkerMessage<Output>): void {
    switch (message.kind) {
      case "ready":
        this.#hasStarted = true;
        return this.#started.resolve();
      case "answer":
        this.#isGrown ||= message.grown;
        return this.#answer?.resolve(message.output);
      case "fault":
        return this.end(message.message);
    }
  }
}

/** The end of what is said, as one line and without the colours that Deno gives its errors. */
async function lastOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let last = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    last = (last + text).slice(-500);
  }
  // deno-lint-ignore no-control-regex -- a colour begins with one
  return last.replaceAll(/\x1b\[[0-9;]*m/g, "").replaceAll(/\s+/g, " ").trim();
}

function argumentsOf({ module, memoryMegabytes, readable = [] }: SeatOptions): string[] {
  const pages = memoryMegabytes * 16;
  return [
    ...["run", "--quiet", "--no-prompt", "--cached-only", "--no-remote", "--deny-import"],
    `--v8-flags=--max-old-space-size=${memoryMegabytes},--wasm-max-mem-pages=${pages}`,
    ...(readable.length > 0 ? [`--allow-read=${readable}`] : []),
    module.pathname,
  ];
}
