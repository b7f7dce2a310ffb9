import { compose, DataDirHeld, isClaimed, type Service } from "./compose.ts";
import { NobodyListens, type OwnerSocket, type Post } from "./compose_stdio.ts";
import { withSecret } from "./compose_tokens.ts";
import type { Config } from "./config.ts";
import type { SearchPath } from "./env.ts";
import { listenOnSocket, type OwnerListener } from "./socket.ts";
import { socketPath } from "./socket_path.ts";
import { finish } from "./stop.ts";

/** An owner that stops takes 10 s at most, and the next one a few to start. */
const PATIENCE_MS = 30_000;
const ASK_AGAIN_MS = 50;
/** How often it is looked whether a service claims the directory. */
const LOOK_EVERY_MS = 250;

/** The service while this process owns the data directory. */
interface Seat {
  readonly service: Service;
  readonly socket: OwnerListener;
}

/**
 * Reaches the owner of a data directory, and becomes it where there is none: of all the processes that
 * want the same, the kernel's lock lets in one. The seat is left again for a service that claims it.
 */
export class OwnerSeat implements AsyncDisposable {
  readonly #config: Config;
  readonly #search: SearchPath;
  readonly #socket: OwnerSocket;
  #seat: Seat | null = null;
  #leave: Promise<void> | null = null;
  #watch: ReturnType<typeof setInterval> | undefined;
  #taking: Promise<void> | null = null;
  #left = false;

  constructor(config: Config, search: SearchPath, socket: OwnerSocket) {
    this.#config = config;
    this.#search = search;
    this.#socket = socket;
  }

  /**
   * Takes the seat if it is free. Told several times at once, it tries once.
   *
   * @throws {Error} when the seat is free and the service cannot stand.
   */
  take(): Promise<void> {
    return this.#taking ??= this.#take().finally(() => this.#taking = null);
  }

  /**
   * Sends a message to the owner, waiting for one where there is none at the moment.
   *
   * @throws {Error} "Cannot reach ..." when it was not sent; a `TypeError` when it may have been.
   */
  async post(post: Post): Promise<Response> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.#socket.post(post);
      } catch (error) {
        if (!(error instanceof NobodyListens)) throw error;
        if (performance.now() > until) throw this.#unreachable(error);
      }
      await this.take();
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** Leaves the seat: runs in hand, those of others too, finish or are ended at the limit. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#left = true;
    await this.#taking?.catch(() => {});
    await this.#leaving();
  }

  async #take(): Promise<void> {
    const { dataDir } = this.#config;
    if (this.#seat !== null || this.#left || await isClaimed(dataDir)) return;
    await using stack = new AsyncDisposableStack();
    try {
      const options = { holder: socketPath(dataDir), yields: true };
      // Read anew each time: whoever owned the directory meanwhile may have made another.
      const config = await withSecret(this.#config);
      const service = stack.use(await compose(config, this.#search, options));
      const socket = await listenOnSocket(dataDir, service);
      service.log.write("info", "owns_data_directory", { socket: options.holder });
      this.#seat = { service, socket };
      stack.move();
      this.#watch = setInterval(() => this.#look(service), LOOK_EVERY_MS);
    } catch (error) {
      if (!(error instanceof DataDirHeld)) throw error;
    }
  }

  /** Leaves the seat where a service claims it. Never rejects. */
  async #look({ log }: Service): Promise<void> {
    try {
      if (this.#leave !== null || !await isClaimed(this.#config.dataDir)) return;
      log.write("info", "gives_data_directory_up");
      await this.#leaving();
    } catch (error) {
      clearInterval(this.#watch);
      const reason = error instanceof Error ? error.message : String(error);
      log.write("error", "data_directory_unwatched", { reason });
    }
  }

  /** Once at a time; whoever asks meanwhile waits for the same end. */
  #leaving(): Promise<void> {
    return this.#leave ??= this.#stop().finally(() => this.#leave = null);
  }

  async #stop(): Promise<void> {
    const seat = this.#seat;
    if (seat === null) return;
    clearInterval(this.#watch);
    await seat.socket.hide();
    await finish([seat.socket], seat.service);
    await seat.socket[Symbol.asyncDispose]();
    await seat.service[Symbol.asyncDispose]();
    this.#seat = null;
  }

  #unreachable(cause: Error): Error {
    const waited = `${PATIENCE_MS / 1000} s`;
    return new Error(
      `Cannot reach the service that owns '${this.#config.dataDir}' within ${waited}: ${cause.message}`,
      { cause },
    );
  }
}
