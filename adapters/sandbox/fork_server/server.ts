import { DomainError } from "../../../domain/errors.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { OutputStream } from "../../../domain/ports/execution_runner.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { AttentiveClock } from "./attentive_clock.ts";
import {
  decodePool,
  encodeCancel,
  encodeKeep,
  encodeRun,
  encodeTaken,
  POOL_ID,
  type PoolState,
  readChunks,
  readReplies,
  type Reply,
  START_ID,
} from "./frames.ts";
import { argumentsOf, type ServerOptions } from "./options.ts";

/** How long a server may take to stand up, and to end. */
const START_SECONDS = 20;
const STOP_SECONDS = 3;
/** How long past its time an answer may be before its server counts as hung. */
const SILENCE_SECONDS = 10;
const LOOK_MS = 1000;

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

/** Takes a piece of a run's output; a promise holds further output back until it settles. */
export type Hear = (stream: OutputStream, piece: Uint8Array) => Promise<void> | void;

interface Flight {
  readonly hear: Hear | undefined;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  /** When the server counts as hung, by the server's own clock. */
  readonly overdueAt: number;
}

/** One fork server process: a broker, its forker, and the runs they hold. */
export class ForkServer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #log: Log;
  readonly #clock = new AttentiveClock(() => performance.now(), LOOK_MS);
  readonly #flights = new Map<number, Flight>();
  #report: StartReport | null = null;
  readonly #started = Promise.withResolvers<StartReport>();
  /** Resolves when the process has ended and its streams are closed. Never rejects. */
  readonly ended: Promise<void>;
  #watch: ReturnType<typeof setInterval> | undefined;
  readonly #idle = Promise.withResolvers<void>();
  #nextId = START_ID + 1;
  #taken = 0;
  #pool: PoolState = { waiting: 0, warm: 0, cold: 0 };
  #lost: Error | null = null;

  private constructor(options: ServerOptions) {
    this.#log = options.log;
    this.#process = new Deno.Command(options.python, {
      args: argumentsOf(options),
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

  /** What stands round each run of this very server: a run with less does not start. */
  get walls(): { readonly layers: readonly string[]; readonly missing: readonly string[] } {
    return { layers: this.#report?.layers ?? [], missing: this.#report?.missing ?? [] };
  }

  /** Process id of the broker. */
  get pid(): number {
    return this.#process.pid;
  }

  /** How many runs this server has taken since it started. */
  get taken(): number {
    return this.#taken;
  }

  /** The JavaScript processes started ahead, as of the broker's last word. */
  get pool(): PoolState {
    return this.lost ? { ...this.#pool, waiting: 0 } : this.#pool;
  }

  /** Has the broker keep so many JavaScript processes started ahead, for requests of such limits. */
  keepAhead(count: number, limits: ExecutionLimits): void {
    this.#write(encodeKeep(count, limits));
  }

  /** Whether the server can take no more runs. */
  get lost(): boolean {
    return this.#lost !== null;
  }

  /**
   * Runs one program to its end. Aborting `signal` ends the run; the reply then says `order`,
   * unless the program had already ended by itself. `hear` gets its outputs while they come.
   *
   * @throws {ServerLost} when the server ends first.
   */
  async run(request: ExecutionRequest, signal: AbortSignal, hear?: Hear): Promise<Reply> {
    const id = this.#nextId++;
    this.#taken += 1;
    const cancel = () => this.#write(encodeCancel(id));
    const seconds = request.limits.timeoutSeconds + SILENCE_SECONDS;
    const reply = this.#ask(id, encodeRun(id, request, hear !== undefined), seconds, hear);
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      return await reply;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** What the broker can see that Deno's permissions hide from this process, as `sight_frames.ts` asks it. */
  async see(question: (id: number) => Uint8Array<ArrayBuffer>): Promise<string> {
    const id = this.#nextId++;
    const reply = await this.#ask(id, question(id), SILENCE_SECONDS);
    return new TextDecoder().decode(reply.stdout);
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
  async #ask(
    id: number,
    frame: Uint8Array<ArrayBuffer>,
    seconds: number,
    hear?: Hear,
  ): Promise<Reply> {
    if (this.#lost !== null) throw this.#lost;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const overdueAt = this.#clock.now() + seconds * 1000;
    this.#flights.set(id, { resolve, reject, overdueAt, hear });
    this.#watch ??= this.#beginToLook();
    this.#write(frame);
    try {
      return await promise;
    } finally {
      this.#flights.delete(id);
      if (this.lost && this.#flights.size === 0) this.#idle.resolve();
    }
  }

  #beginToLook(): ReturnType<typeof setInterval> {
    this.#clock.begin();
    return setInterval(() => this.#lookForSilence(), LOOK_MS);
  }

  /** One timer for all that are in flight: most are answered long before it goes off. */
  #lookForSilence(): void {
    const now = this.#clock.look();
    for (const { overdueAt } of this.#flights.values()) {
      if (now > overdueAt) this.#kill("it did not answer");
    }
    if (this.#flights.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
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
      for await (const reply of readReplies(readChunks(this.#process.stdout))) this.#land(reply);
    } catch (error) {
      this.#kill(`it spoke nonsense: ${error instanceof Error ? error.message : error}`);
    }
    // Without its input the broker ends, should it not have done so already.
    this.#input.close().catch(() => {});
    await chatter;
    const { code, signal } = await this.#process.status;
    this.#lose(new ServerLost(signal ?? `exit code ${code}`));
    clearInterval(this.#watch);
  }

  #land(reply: Reply): void {
    if (reply.id === START_ID) {
      this.#report = JSON.parse(new TextDecoder().decode(reply.stdout)) as StartReport;
      this.#started.resolve(this.#report);
    } else if (reply.id === POOL_ID) {
      this.#pool = decodePool(reply);
    } else if (reply.kind === "told") {
      this.#tell(reply);
    } else {
      this.#flights.get(reply.id)?.resolve(reply);
    }
  }

  #tell({ id, stream, stdout: piece }: Reply): void {
    const taken = () => this.#write(encodeTaken(id, piece.length));
    const pending = this.#flights.get(id)?.hear?.(stream, piece);
    if (pending === undefined) taken();
    else pending.then(taken, taken);
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
