import { DomainError } from "../../domain/errors.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Question, Reading, Reply } from "./messages.ts";
import { unavailable } from "./unavailable.ts";

const MAIN = new URL("./child/main.ts", import.meta.url).pathname;

/** The file of Ruff's module, in the package that Deno has fetched. */
const WASM = new URL(
  "ruff_wasm_bg.wasm",
  import.meta.resolve("@astral-sh/ruff-wasm-nodejs"),
).pathname;

/** What a text may take: wall time, and memory of Ruff and of JavaScript, each. */
export interface ReaderBounds {
  readonly seconds: number;
  readonly memoryMegabytes: number;
}

/** How a reading process is started. */
export interface ReaderOptions extends ReaderBounds {
  /** The Deno that runs it. */
  readonly deno: string;
  /** All that it sees of the environment (`HOME`, `DENO_DIR`); absent: what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly log: Log;
}

const START_MS = 30_000;
/** UTF-16 units that are kept of what a process says when it ends. */
const LAST_WORDS = 2000;

interface Asked {
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A process that reads texts, one at a time. It may do nothing but read Ruff's module, and ends when a text
 * takes more than it may.
 */
export class ReaderProcess implements AsyncDisposable {
  readonly #options: ReaderOptions;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;
  #asked: Asked | null = null;
  #alive = true;

  constructor(options: ReaderOptions) {
    const { deno, environment } = options;
    this.#options = options;
    this.#process = new Deno.Command(deno, {
      args: argumentsOf(options),
      ...(environment === undefined ? {} : { clearEnv: true, env: { ...environment } }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#ready.promise.catch(() => {});
    this.#ended = this.#serve();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it may be asked again. */
  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Has a text read. Whoever leaves ends the process: nothing else stops what it is at work on.
   *
   * @throws {DomainError} `code_too_complex`, `dependency_unavailable`, `cancelled`.
   */
  async read(question: Question, signal: AbortSignal): Promise<Reading> {
    const { promise, resolve, reject } = Promise.withResolvers<Reading>();
    const refuse = (error: DomainError) => {
      this.#kill();
      reject(error);
    };
    const leave = () => refuse(new DomainError({ code: "cancelled" }));
    let timer = setTimeout(() => refuse(unavailable("its process does not start")), START_MS);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    this.#asked = { resolve, reject };
    try {
      await Promise.race([this.#ready.promise, promise]);
      clearTimeout(timer);
      const { seconds } = this.#options;
      timer = setTimeout(() => refuse(tooMuch("time", seconds)), seconds * 1000);
      // A broken pipe ends the replies too, and that is where a lost process is noticed.
      this.#input.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`)).catch(() => {});
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      this.#asked = null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#ended;
  }

  #kill(): void {
    this.#alive = false;
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It has just ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #serve(): Promise<void> {
    const said = this.#lastWords();
    for await (const line of lines(this.#process.stdout)) this.#land(JSON.parse(line));
    this.#alive = false;
    this.#input.close().catch(() => {});
    const [words, { code, signal }] = [await said, await this.#process.status];
    const error = endOf(words, signal ?? `exit code ${code}`, this.#options);
    this.#ready.reject(error);
    if (this.#asked === null) return;
    this.#options.log.write("warn", "linter_process_lost", { reason: error.message });
    this.#asked.reject(error);
  }

  #land(reply: Reply): void {
    if (reply.kind === "ready") return this.#ready.resolve();
    if (reply.kind === "read") {
      this.#alive &&= !reply.last;
      return this.#asked?.resolve(reply.reading);
    }
    this.#alive = false;
    this.#asked?.reject(tooMuch("memory", this.#options.memoryMegabytes));
  }

  async #lastWords(): Promise<string> {
    let words = "";
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      words = (words + text).slice(-LAST_WORDS);
    }
    return words;
  }
}

/** What the end of a process in the midst of a text says of it. */
function endOf(words: string, how: string, { memoryMegabytes }: ReaderOptions): DomainError {
  if (/out of memory|heap limit|allocation failed/i.test(words)) {
    return tooMuch("memory", memoryMegabytes);
  }
  const first = words.trim().split("\n", 1)[0] ?? "";
  return unavailable(`its process ended (${how})${first === "" ? "" : `: ${first}`}`);
}

function tooMuch(limit: "time" | "memory", most: number): DomainError {
  return new DomainError({ code: "code_too_complex", limit, most });
}

async function* lines(pipe: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const text of pipe.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...others] = text.split("\n");
    parts.push(first);
    for (const other of others) {
      yield parts.join("");
      parts = [other];
    }
  }
}

function argumentsOf({ memoryMegabytes }: ReaderOptions): string[] {
  return [
    ...["run", "--quiet", "--no-prompt", "--cached-only", "--no-remote"],
    `--v8-flags=--max-old-space-size=${memoryMegabytes}`,
    `--allow-read=${WASM}`,
    // The parsers' library looks there for its own debugging.
    "--ignore-env=LOG",
    ...[MAIN, WASM, String(memoryMegabytes * 1024 * 1024)],
  ];
}
