import { DomainError } from "../../../domain/errors.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type {
  ExecutionRunner,
  RunnerStatus,
  RunWatcher,
  Unavailability,
} from "../../../domain/ports/execution_runner.ts";
import type { PeerConnection, Peers } from "../../../domain/ports/peers.ts";
import { askCanary, type Findings, requireLanguage } from "../canary.ts";
import { refusalOf } from "../refusal.ts";
import type { PoolState, Reply } from "./frames.ts";
import { HeardOutput, listens } from "./heard_output.ts";
import { canStartAhead, type JavascriptRuntime } from "./javascript_runtime.ts";
import { runnerName, type ServerOptions } from "./options.ts";
import { textOf } from "./output_text.ts";
import { packagesOf } from "./packages_status.ts";
import { PoolTally } from "./pool.ts";
import { outcomeOf } from "./reply_outcome.ts";
import { ForkServer, ServerLost, type StartReport } from "./server.ts";
import { encodeCount, encodeGone } from "./sight_frames.ts";

/** Children of one forker share its address layout and hash seed: neither must live for ever. */
const RUNS_BEFORE_REPLACEMENT = 4000;
const ATTEMPTS = 2;
const LOST = "Try again; if it goes on, look for 'fork_server_lost' in the log.";
/** A start that fails costs up to 20 s of work, and anybody may ask for readiness, which tries one. */
const LONGEST_PAUSE_SECONDS = 30;

/** What the runner works with. */
export interface ForkServerOptions extends ServerOptions {
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** Runs of one server before another takes its place; 4000 unless said otherwise. */
  readonly runsBeforeReplacement?: number;
  /** JavaScript processes to keep started ahead, and the limits of the requests they are for. */
  readonly pool?: { readonly size: number; readonly limits: ExecutionLimits };
  /** What a refusal is told as, by whoever knows more than this runner. */
  readonly explain?: (refusal: Unavailability) => Unavailability;
}

/** An {@link ExecutionRunner} that needs nothing of the host but python3 and its kernel. */
export class ForkServerRunner implements ExecutionRunner, Peers {
  readonly #options: ForkServerOptions;
  readonly #log: Log;
  /** Every server that lives: the one in service, and those that only finish their runs. */
  readonly #servers = new Set<ForkServer>();
  #report: StartReport | null = null;
  /** Servers that have stood up: each has its interpreters and packages as they were then. */
  #starts = 0;
  #findings: Findings | null = null;
  #refusal: Unavailability | null = null;
  #server: ForkServer | null = null;
  #starting: Promise<ForkServer> | null = null;
  #mayStartAt = 0;
  /** After a start that failed, doubled with each; 0 once one has stood up. */
  #pauseSeconds = 0;
  readonly #tally = new PoolTally();
  #closed = false;

  private constructor(options: ForkServerOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** Starts the fork server and asks the canary. Never rejects: `status` says what was found. */
  static async open(options: ForkServerOptions): Promise<ForkServerRunner> {
    const runner = new ForkServerRunner(options);
    await runner.#standing().catch(() => {});
    return runner;
  }

  /** Process id of the broker in service, for those who test its loss. */
  get pid(): number | null {
    return this.#server?.pid ?? null;
  }

  /** The Python file that every run sees, shims resolved; `null` before the first start. */
  get interpreter(): string | null {
    return this.#report?.interpreter ?? null;
  }

  /** The runtime that JavaScript programs are run with. */
  get javascript(): JavascriptRuntime {
    return this.#options.javascript;
  }

  /** The JavaScript processes started ahead that wait now, and all runs begun since the start. */
  pool(): PoolState & { readonly wanted: number } {
    return { ...this.#tally.total(this.#servers), wanted: this.#wanted() };
  }

  /** Resolves once a server answers; where none stands one is started. */
  async ping(): Promise<void> {
    await this.#standing();
    // That one was lost just now shows by its silence alone.
    await this.countDescriptors().catch(() => this.#standing());
  }

  /** How many descriptors this process has open. Rejects while no server stands; starts none. */
  async countDescriptors(): Promise<number> {
    if (!this.#stands()) throw new Error("Cannot count descriptors: no fork server stands");
    return Number(await this.#server?.see(encodeCount));
  }

  async gone(connections: readonly PeerConnection[]): Promise<readonly PeerConnection[]> {
    if (!this.#stands()) return [];
    const numbers = await this.#server?.see((id) => encodeGone(id, connections)) ?? "";
    const left = new Set(numbers.split(" "));
    return connections.filter((_, number) => left.has(String(number)));
  }

  status(): RunnerStatus {
    const ready = !this.#closed && this.#findings !== null &&
      (this.#refusal === null || this.#stands());
    return {
      runner: runnerName(this.#options),
      ready,
      refusal: ready || this.#refusal === null ? null : this.#explained(this.#refusal),
      layers: this.#report?.layers ?? [],
      missing: this.#report?.missing ?? [],
      unavailableLanguages: this.#findings?.unavailableLanguages ?? {},
      packages: packagesOf(this.#report),
      toolchain: `${this.#starts} ${this.#report?.interpreter} ${this.#report?.version}`,
    };
  }

  async run(
    request: ExecutionRequest,
    signal: AbortSignal,
    watcher?: RunWatcher,
  ): Promise<ExecutionOutcome> {
    const output = listens(watcher) ? new HeardOutput(watcher) : undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const server = await this.#standing();
      requireLanguage(this.#findings, request.language);
      if (signal.aborted) throw new DomainError({ code: "cancelled" });
      if (attempt === 1) watcher?.started();
      try {
        const reply = await server.run(request, signal, output && output.hear.bind(output));
        watcher?.ended?.();
        output?.finish();
        return await this.#outcomeOf(server, reply, request);
      } catch (error) {
        // A run leaves nothing behind, so it may be run again if nobody has heard of it.
        if (!(error instanceof ServerLost) || output?.heard) throw this.#lossOf(error);
        this.#log.write("warn", "fork_server_lost", { attempt, reason: error.message });
      }
    }
    throw this.#unavailable({ reason: "the fork server ended twice under this run", remedy: LOST });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#starting?.catch(() => {});
    await Promise.all([...this.#servers].map((server) => server[Symbol.asyncDispose]()));
  }

  #stands(): boolean {
    return this.#server !== null && !this.#server.lost;
  }

  /** The server in service; starts one when there is none. */
  async #standing(): Promise<ForkServer> {
    if (this.#closed) throw new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
    const server = this.#server;
    if (server !== null && !server.lost) {
      if (server.taken >= (this.#options.runsBeforeReplacement ?? RUNS_BEFORE_REPLACEMENT)) {
        this.#replace(server);
      }
      return server;
    }
    if (this.#starting === null && this.#mayNotStartYet()) {
      throw this.#unavailable(this.#refusal ?? refusalOf(new ServerLost("just now")));
    }
    return await (this.#starting ?? this.#begin());
  }

  #mayNotStartYet(): boolean {
    return this.#refusal !== null && this.#options.monotonic() < this.#mayStartAt;
  }

  /** Starts a server, once however many ask meanwhile. */
  #begin(): Promise<ForkServer> {
    const starting = this.#start();
    this.#starting = starting;
    const done = () => {
      if (this.#starting === starting) this.#starting = null;
    };
    starting.then(done, done);
    return starting;
  }

  /** Starts a server beside one that has served long enough, which then only finishes its runs. */
  #replace(old: ForkServer): void {
    if (this.#starting !== null || this.#mayNotStartYet()) return;
    // A start that fails is logged and leaves the old server in service.
    this.#begin().then(() => old.retire()).catch(() => {});
  }

  async #start(): Promise<ForkServer> {
    try {
      const { server, report } = await ForkServer.start(this.#options);
      this.#servers.add(server);
      server.ended.then(() => this.#servers.delete(server) && this.#tally.add(server));
      await this.#accept(server, report);
      const { pool } = this.#options;
      if (pool !== undefined && this.#wanted() > 0) server.keepAhead(pool.size, pool.limits);
      this.#server = server;
      return server;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      const refusal = refusalOf(error);
      this.#refuse(refusal);
      throw this.#unavailable(refusal);
    }
  }

  /** How many JavaScript processes a server is to keep started ahead. */
  #wanted(): number {
    const { javascript, pool } = this.#options;
    const works = this.#findings?.unavailableLanguages.javascript === undefined;
    return works && canStartAhead(javascript) ? pool?.size ?? 0 : 0;
  }

  /** Takes a fresh server into service once its walls were seen to hold. */
  async #accept(server: ForkServer, report: StartReport): Promise<void> {
    this.#report = report;
    this.#starts += 1;
    const refusal = report.failure !== null
      ? refusalOf(new Error(report.failure))
      : await this.#tryWalls(server, report);
    if (refusal === null) {
      [this.#refusal, this.#pauseSeconds] = [null, 0];
      const { interpreter, starters } = report;
      this.#log.write("info", "fork_server_started", { pid: server.pid, interpreter, starters });
      for (const [name, reason] of Object.entries(report.not_preloaded)) {
        this.#log.write("warn", "package_not_preloaded", { name, reason });
      }
      return;
    }
    await server[Symbol.asyncDispose]();
    this.#refuse(refusal);
    throw this.#unavailable(refusal);
  }

  /** Asks the canary once a process: a later server of the same host stands behind the same walls. */
  async #tryWalls(server: ForkServer, report: StartReport): Promise<Unavailability | null> {
    if (this.#findings !== null) return null;
    const findings = await askCanary({
      bash: report.bash,
      javascript: this.#options.javascript.name,
      run: async (request) => {
        const reply = await server.run(request, new AbortController().signal);
        return await this.#outcomeOf(server, reply, request);
      },
    });
    if (findings.refusal === null) this.#findings = findings;
    return findings.refusal;
  }

  #refuse(refusal: Unavailability): void {
    const known = this.#refusal?.reason === refusal.reason;
    this.#refusal = refusal;
    this.#pauseSeconds = Math.min(Math.max(1, this.#pauseSeconds * 2), LONGEST_PAUSE_SECONDS);
    this.#mayStartAt = this.#options.monotonic() + this.#pauseSeconds * 1000;
    const runner = runnerName(this.#options);
    if (!known) this.#log.write("error", "sandbox_refused", { runner, ...refusal });
  }

  #lossOf(error: unknown): unknown {
    if (!(error instanceof ServerLost)) return error;
    return this.#unavailable({ reason: "the fork server ended under this run", remedy: LOST });
  }

  #explained(refusal: Unavailability): Unavailability {
    return this.#options.explain?.(refusal) ?? refusal;
  }

  #unavailable(refusal: Unavailability): DomainError {
    const { reason, remedy } = this.#explained(refusal);
    const waitMs = this.#stands() ? 0 : this.#mayStartAt - this.#options.monotonic();
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    const failure = { dependency: "the sandbox", reason, remedy, retryAfterSeconds };
    return new DomainError({ code: "dependency_unavailable", ...failure });
  }

  async #outcomeOf(
    server: ForkServer,
    reply: Reply,
    request: ExecutionRequest,
  ): Promise<ExecutionOutcome> {
    if (reply.kind === "fault") throw this.#unavailable(refusalOf(new Error(textOf(reply.stdout))));
    const runner = runnerName(this.#options);
    return await outcomeOf(reply, { limits: request.limits, runner, ...server.walls });
  }
}
