import { stoppable } from "./stoppable.ts";

/** Nobody took a request: it was not sent. */
export class NobodyListens extends Error {
  constructor(path: string, reason: string) {
    super(`Nobody listens on '${path}': ${reason}`);
    this.name = "NobodyListens";
  }
}

/** The socket is not of whoever the data directory is of: a token is not for them. */
export class SocketOfAnother extends Error {
  constructor(path: string) {
    super(`Cannot use '${path}': it belongs to another user than its folder`);
    this.name = "SocketOfAnother";
  }
}

/** One MCP message on its way. */
export interface Post {
  /** Default: `POST`. The others have no body. */
  readonly verb?: "GET" | "DELETE";
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The service that listens on a unix socket, as its client sees it. */
export class OwnerSocket implements Disposable {
  readonly #path: string;
  readonly #url: string;
  #client: Deno.HttpClient | null = null;

  /**
   * `host` stands in requests, as a loopback name with a port; it is not connected to. Needs
   * `--allow-net` for `unix:PATH` and, since Deno looks at the URL, for `host`.
   */
  constructor(path: string, host: string) {
    this.#path = path;
    this.#url = `http://${host}/mcp`;
  }

  /**
   * Sends a message to `/mcp`. Aborting closes the connection, which ends what it asked for.
   *
   * @throws {NobodyListens} when it was certainly not sent; anything else but a
   * {@link SocketOfAnother} leaves that open.
   */
  async post({ verb, body, headers, signal }: Post): Promise<Response> {
    await this.#requireOwn();
    const accept = { accept: "application/json, text/event-stream" };
    const sent = verb === undefined
      ? {
        method: "POST",
        headers: { ...headers, ...accept, "content-type": "application/json" },
        body,
      }
      : { method: verb, headers: { ...headers, ...accept } };
    const client = this.#client ??= Deno.createHttpClient({
      proxy: { transport: "unix", path: this.#path },
      // A connection of its own for each: one that was left open tells nothing of whether the owner lives.
      poolMaxIdlePerHost: 0,
    });
    try {
      return stoppable(await fetch(this.#url, { ...sent, signal, client }), signal);
    } catch (error) {
      const reason = reasonOf(error);
      if (/client error \(Connect\)/.test(reason)) throw new NobodyListens(this.#path, reason);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#client?.close();
  }

  /** In a folder that others can write to, one of them could wait for tokens. */
  async #requireOwn(): Promise<void> {
    const folder = await Deno.lstat(this.#path.replace(/\/[^/]*$/, "") || "/");
    try {
      const { uid } = await Deno.lstat(this.#path);
      if (uid !== folder.uid) throw new SocketOfAnother(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw new NobodyListens(this.#path, error.message);
      throw error;
    }
  }
}

/** What Deno's client says in its error, or in that error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
