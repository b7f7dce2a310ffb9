import type { Log } from "../../domain/ports/log.ts";
import { DomainError, type Failure } from "../../domain/errors.ts";
import { encodeFrame, readFrames } from "./frames.ts";
import { HELLO_ID, type Question, type Reply } from "./messages.ts";

const MAIN = new URL("./child/main.ts", import.meta.url).pathname;
const WATCH = new URL("./child/watch.ts", import.meta.url).pathname;
/** What the engine's loader looks at to find the addon for this machine. */
const LOADER_READS = "/usr/bin/ldd";
const LOADER_VARIABLES =
  "NAPI_RS_NATIVE_LIBRARY_PATH,NAPI_RS_FORCE_WASI,NAPI_RS_ENFORCE_VERSION_CHECK,NAPI_RS_WASI_FLAVOR";
/** What the child's watching thread says; nothing of the engine's own begins so. */
const OVER_MEMORY = "\0memory\n";

const START_MS = 30_000;
const STOP_MS = 5000;

/** How the process that holds the graph is started. */
export interface ChildOptions {
  /** The Deno that runs it. */
  readonly deno: string;
  /** The graph's file; the engine's log lies beside it. Without commas. */
  readonly path: string;
  /** What it may take in memory for its work, beside the graph itself, in megabytes. */
  readonly memoryMegabytes: number;
  /** All that it sees of the environment (`HOME`, `DENO_DIR`); absent: what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** Why a child ended. */
export type Loss = "memory" | "killed" | "ended";

/** One process that holds the graph, and the pipes to it. */
export class EngineChild {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #log: Log;
  readonly #hear: (reply: Reply) => void;
  readonly #started = Promise.withResolvers<string>();
  #loss: Loss = "ended";
  /** Resolves with the reason once the process has ended and its pipes are closed. Never rejects. */
  readonly ended: Promise<Loss>;

  private constructor(options: ChildOptions, hear: (reply: Reply) => void) {
    const { environment } = options;
    this.#log = options.log;
    this.#hear = hear;
    this.#process = new Deno.Command(options.deno, {
      args: argumentsOf(options),
      ...(environment === undefined ? {} : { clearEnv: true, env: { ...environment } }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.ended = this.#serve();
  }

  /**
   * Starts a child and waits until it has opened the graph; gives the graph's generation too.
   *
   * @throws {DomainError} `dependency_unavailable`.
   */
  static async start(
    options: ChildOptions,
    hear: (reply: Reply) => void,
  ): Promise<{ child: EngineChild; generation: string }> {
    let child: EngineChild;
    try {
      child = new EngineChild(options, hear);
    } catch (error) {
      throw unavailable(`its process cannot be started: ${String(error)}`);
    }
    const late = setTimeout(() => child.kill("killed"), START_MS);
    try {
      return { child, generation: await child.#started.promise };
    } catch (error) {
      await child.ended;
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** A broken pipe ends the replies too, and that is where a lost child is noticed. */
  ask(question: Question): void {
    this.#input.write(encodeFrame(question)).catch(() => {});
  }

  /** Ends the process at once: nothing else stops a statement that runs. */
  kill(loss: Loss): void {
    // The first reason is the one it ends for.
    if (this.#loss === "ended") this.#loss = loss;
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It has just ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Lets the process close the graph and end. */
  async stop(): Promise<void> {
    this.#input.close().catch(() => {});
    const late = setTimeout(() => this.kill("killed"), STOP_MS);
    await this.ended;
    clearTimeout(late);
  }

  async #serve(): Promise<Loss> {
    const said = this.#relayErrors();
    try {
      for await (const reply of readFrames(this.#process.stdout)) this.#land(reply as Reply);
    } catch (error) {
      this.#log.write("error", "graph_child_unreadable", { reason: String(error) });
      this.kill("ended");
    }
    this.#input.close().catch(() => {});
    const last = await said;
    const { code, signal } = await this.#process.status;
    this.#started.reject(unavailable(reasonOf(signal ?? `exit code ${code}`, last)));
    return this.#loss;
  }

  #land(reply: Reply): void {
    if (reply.id !== HELLO_ID) this.#hear(reply);
    else if ("failure" in reply) this.#started.reject(new DomainError(reply.failure));
    else this.#started.resolve(reply.generation);
  }

  /** Gives the first line that was said last; a process that ends with an error says why there. */
  async #relayErrors(): Promise<string> {
    let last = "";
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      if (text.includes(OVER_MEMORY)) this.kill("memory");
      const own = stripped(text.replaceAll(OVER_MEMORY, "")).trim();
      if (own === "") continue;
      last = own;
      this.#log.write("warn", "graph_child_said", { text: own });
    }
    return last.split("\n", 1)[0] ?? "";
  }
}

/** Without the colours that Deno gives its errors. */
function stripped(text: string): string {
  // deno-lint-ignore no-control-regex -- a colour begins with one
  return text.replaceAll(/\x1b\[[0-9;]*m/g, "");
}

function reasonOf(status: string, said: string): string {
  return `the process of the engine ended (${status})${said === "" ? "" : `: ${said}`}`;
}

/** The graph's engine is away; the caller can try again soon. */
export function unavailable(reason: string, retryAfterSeconds = 1): DomainError {
  return new DomainError(absence(reason, retryAfterSeconds));
}

/** The graph's engine is well, but others' questions have kept it from this one. */
export function hindered(reason: string): DomainError {
  return new DomainError({ ...absence(reason, 1), blameless: true });
}

function absence(
  reason: string,
  retryAfterSeconds: number,
): Extract<Failure, { code: "dependency_unavailable" }> {
  return {
    code: "dependency_unavailable",
    dependency: "graph",
    reason,
    remedy: null,
    retryAfterSeconds,
  };
}

function argumentsOf({ path, memoryMegabytes }: ChildOptions): string[] {
  const folder = path.replace(/\/[^/]*$/, "") || "/";
  return [
    ...["run", "--quiet", "--no-prompt", "--cached-only", "--no-remote"],
    // Answers are turned into values of JavaScript there: a huge one ends the child, not the service.
    `--v8-flags=--max-old-space-size=${memoryMegabytes}`,
    "--allow-ffi",
    `--allow-read=${folder},${WATCH},${LOADER_READS}`,
    `--allow-write=${folder}`,
    `--ignore-env=${LOADER_VARIABLES}`,
    ...[MAIN, path, String(memoryMegabytes * 1024 * 1024)],
  ];
}
