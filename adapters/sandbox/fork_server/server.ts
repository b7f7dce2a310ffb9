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
  readonly bash: boolean;
}

/** The server ended with runs in flight, or before it could take one. */
export class ServerLost extends Error {
  constructor(reason: string) {
    super(`Cannot run: the fork server ended (${reason})`);
    this.name = "ServerLost";
  }
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
  readonly #idle = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;
  #nextId = START_ID + 1;
  #lost: Error | null = null;

  private constructor(options: ServerOptions) {
    this.#log = options.log;
    this.#process = new Deno.Command(options.python, {
      args: [
        ...["-I", "-S", "-B", "-c", START, BROKER, `${options.javascript}=/opt/javascript/deno`],
        ...(options.plain === true ? ["plain"] : []),
      ],
      clearEnv: true,
      env: { ...options.environment },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#ended = this.#serve();
  }

  /**
   * Starts a server and waits until it stands or says why it cannot.
   *
   * @throws {ServerLost} when it ends without a word.
   * @throws {Deno.errors.NotFound} when there is no such Python.
   */
  static async start(options: ServerOptions): Promise<{ server: ForkServer; report: StartReport }> {
    const server = new ForkServer(options);
    try {
      return { server, report: await server.#started.promise };
    } catch (error) {
      await server.#ended;
      throw error;
    }
  }

  /** Process id of the broker. */
  get pid(): number {
    return this.#process.pid;
  }

  /** How many runs this server has taken since it started. */
  get taken(): number {
    return this.#nextId - 1 - START_ID;
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
    const cancel = () => this.#write(encodeCancel(id));
    const reply = this.#ask(id, encodeRun(id, request));
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
    const reply = await this.#ask(id, encodeCount(id));
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
    await this.#input.close().catch(() => {});
    await this.#ended;
  }

  #ask(id: number, frame: Uint8Array<ArrayBuffer>): Promise<Reply> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    const flight = Promise.withResolvers<Reply>();
    this.#flights.set(id, flight);
    this.#write(frame);
    return flight.promise.finally(() => {
      this.#flights.delete(id);
      if (this.lost && this.#flights.size === 0) this.#idle.resolve();
    });
  }

  #write(frame: Uint8Array<ArrayBuffer>): void {
    // A broken pipe also ends the replies, and that is where a lost server is noticed.
    this.#input.write(frame).catch(() => {});
  }

  async #serve(): Promise<void> {
    const chatter = this.#relayErrors();
    try {
      for await (const reply of readReplies(this.#process.stdout)) this.#land(reply);
    } finally {
      // Without its input the broker ends, should it not have done so already.
      await this.#input.close().catch(() => {});
      await chatter;
      const { code, signal } = await this.#process.status;
      this.#lose(new ServerLost(signal ?? `exit code ${code}`));
    }
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
    for (const flight of [...this.#flights.values()]) flight.reject(reason);
  }

  async #relayErrors(): Promise<void> {
    const lines = this.#process.stderr.pipeThrough(new TextDecoderStream());
    for await (const text of lines) {
      this.#log.write("warn", "fork_server_said", { text: text.trimEnd() });
    }
  }
}
