import { DomainError } from "../../../domain/errors.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { Log } from "../../../domain/ports/log.ts";
import {
  encodeCancel,
  encodeCount,
  encodeRun,
  readReplies,
  type Reply,
  START_ID,
} from "./frames.ts";

/** How long a server may take to stand up, and to end. */
const START_SECONDS = 20;
const STOP_SECONDS = 3;
/** How long past its time an answer may be before its server counts as hung. */
const SILENCE_SECONDS = 10;

const BROKER = new URL("./python/broker.py", import.meta.url).pathname;

/** Runs the broker under a name that shows a run no path of the host. */
const START = "import sys; exec(compile(open(sys.argv[1]).read(), '<sandbox>', 'exec'))";

/** How a server is started. */
export interface ServerOptions {
  /** The Python that serves, and whose own file every Python run sees. */
  readonly python: string;
  /** The JavaScript runtime's file on this host, shown read-only inside. */
  readonly javascript: string;
  /** What the Python may need to find itself: `PATH` and `HOME`. Runs never see it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  /** A folder of Python packages on this host, shown read-only inside; it need not be there. */
  readonly packages?: string;
  /** Modules to import before any run; `null` or absent: the usual ones that are there. */
  readonly preload?: readonly string[] | null;
  /** Fork every run plainly, as on hosts that refuse the faster way. */
  readonly plain?: boolean;
}

/** What a server says of itself once it stands. */
export interface StartReport {
  /** Why the walls could not be put up; `null` when they stand. */
  readonly failure: string | null;
  /** The interpreter's real file, shims resolved. */
  readonly interpreter: string;
  readonly version: string;
  readonly layers: readonly string[];
  readonly missing: readonly string[];
  /** How the two forkers start their runs: by tables of system calls, or plainly. */
  readonly starters: readonly string[];
  /** Modules that runs find imported already. */
  readonly preloaded: readonly string[];
  /** Modules that should have been, each with the reason why it is not. */
  readonly not_preloaded: Readonly<Record<string, string>>;
  readonly bash: boolean;
}

/** The server ended with runs in flight, or before it could take one. */
export class ServerLost extends Error {
  constructor(reason: string) {
    super(`Cannot run: the fork server ended (${reason})`);
    this.name = "ServerLost";
  }
}

/** What broker.py is told. */
function brokerArguments({ javascript, packages, preload, plain }: ServerOptions): string[] {
  return [
    `${javascript}=/opt/javascript/deno`,
    ...(packages === undefined ? [] : [`${packages}=/opt/python`]),
    ...(preload === undefined || preload === null ? [] : [`preload:${preload.join(",")}`]),
    ...(plain === true ? ["plain"] : []),
  ];
}

interface Flight {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** One fork server process: a broker, its forker, and the runs they hold. */
export class ForkServer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #log: Log;
  readonly #flights = new Map<number, Flight>();
  readonly #started = Promise.withResolvers<StartReport>();
  /** Resolves when the process has ended and its streams are closed. Never rejects. */
  readonly ended: Promise<void>;
  readonly #idle = Promise.withResolvers<void>();
  #nextId = START_ID + 1;
  #taken = 0;
  #lost: Error | null = null;

  private constructor(options: ServerOptions) {
    this.#log = options.log;
    this.#process = new Deno.Command(options.python, {
      args: ["-I", "-S", "-B", "-c", START, BROKER, ...brokerArguments(options)],
      clearEnv: true,
      env: { ...options.environment },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.ended = this.#serve();
  }

  /**
   * Starts a server and waits until it stands or says why it cannot.
   *
   * @throws {ServerLost} when it ends without a word.
   * @throws {Deno.errors.NotFound} when there is no such Python.
   */
  static async start(options: ServerOptions): Promise<{ server: ForkServer; report: StartReport }> {
    const server = new ForkServer(options);
    const late = setTimeout(() => server.#kill("it did not start"), START_SECONDS * 1000);
    try {
      return { server, report: await server.#started.promise };
    } catch (error) {
      await server.ended;
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** Process id of the broker. */
  get pid(): number {
    return this.#process.pid;
  }

  /** How many runs this server has taken since it started. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether the server can take no more runs. */
  get lost(): boolean {
    return this.#lost !== null;
  }

  /**
   * Runs one program to its end. Aborting `signal` ends the run; the reply then says `order`,
   * unless the program had already ended by itself.
   *
   * @throws {ServerLost} when the server ends first.
   */
  async run(request: ExecutionRequest, signal: AbortSignal): Promise<Reply> {
    const id = this.#nextId++;
    this.#taken += 1;
    const cancel = () => this.#write(encodeCancel(id));
    const seconds = request.limits.timeoutSeconds + SILENCE_SECONDS;
    const reply = this.#ask(id, encodeRun(id, request), seconds);
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      return await reply;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /**
   * How many descriptors this very process has open. The broker can see what Deno's permissions
   * hide from the process itself.
   */
  async countDescriptors(): Promise<number> {
    const id = this.#nextId++;
    const reply = await this.#ask(id, encodeCount(id), SILENCE_SECONDS);
    return Number(new TextDecoder().decode(reply.stdout));
  }

  /** Ends the server once its runs in flight have ended. */
  async retire(): Promise<void> {
    this.#lost ??= new ServerLost("retired");
    if (this.#flights.size > 0) await this.#idle.promise;
    await this[Symbol.asyncDispose]();
  }

  /** Ends the server and every run in flight; resolves when nothing of them is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lose(new DomainError({ code: "shutting_down", retryAfterSeconds: 1 }));
    this.#input.close().catch(() => {});
    const late = setTimeout(() => this.#kill("it did not stop"), STOP_SECONDS * 1000);
    await this.ended;
    clearTimeout(late);
  }

  /** A server that says nothing for `seconds` hangs; nothing it was asked will be answered. */
  async #ask(id: number, frame: Uint8Array<ArrayBuffer>, seconds: number): Promise<Reply> {
    if (this.#lost !== null) throw this.#lost;
    const flight = Promise.withResolvers<Reply>();
    this.#flights.set(id, flight);
    this.#write(frame);
    const late = setTimeout(() => this.#kill("it did not answer"), seconds * 1000);
    try {
      return await flight.promise;
    } finally {
      clearTimeout(late);
      this.#flights.delete(id);
      if (this.lost && this.#flights.size === 0) this.#idle.resolve();
    }
  }

  /** Ends a process that no longer does what it is told; everything that it holds ends with it. */
  #kill(reason: string): void {
    this.#lose(new ServerLost(reason));
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It has just ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  #write(frame: Uint8Array<ArrayBuffer>): void {
    // A broken pipe also ends the replies, and that is where a lost server is noticed.
    this.#input.write(frame).catch(() => {});
  }

  async #serve(): Promise<void> {
    const chatter = this.#relayErrors();
    try {
      for await (const reply of readReplies(this.#process.stdout)) this.#land(reply);
    } catch (error) {
      this.#kill(`it spoke nonsense: ${error instanceof Error ? error.message : error}`);
    }
    // Without its input the broker ends, should it not have done so already.
    this.#input.close().catch(() => {});
    await chatter;
    const { code, signal } = await this.#process.status;
    this.#lose(new ServerLost(signal ?? `exit code ${code}`));
  }

  #land(reply: Reply): void {
    if (reply.id === START_ID) {
      this.#started.resolve(JSON.parse(new TextDecoder().decode(reply.stdout)));
    } else {
      this.#flights.get(reply.id)?.resolve(reply);
    }
  }

  #lose(reason: Error): void {
    this.#lost ??= reason;
    this.#started.reject(reason);
    for (const flight of this.#flights.values()) flight.reject(reason);
  }

  async #relayErrors(): Promise<void> {
    const lines = this.#process.stderr.pipeThrough(new TextDecoderStream());
    for await (const text of lines) {
      this.#log.write("warn", "fork_server_said", { text: text.trimEnd() });
    }
  }
}
