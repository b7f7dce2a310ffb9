import type { Log } from "../../domain/ports/log.ts";
import { driverFault, serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";
import { connectionsMade } from "./record_bound.ts";

const ASK_SECONDS = 5;
/** A server that keeps the procedure from this user, or has none of that name, goes on doing so. */
const NOT_TOLD = /^Neo\.ClientError\.(Procedure\.|Statement\.|Security\.Forbidden$)/;
/** What a server is asked for its start. */
export const STARTED: string = "CALL dbms.queryJmx('java.lang:type=Runtime') YIELD attributes " +
  "RETURN toString(attributes.StartTime.value) AS started";

/** What {@link ServerStart} works with. */
export interface ServerStartParts {
  /** Asks the server when it was started. */
  readonly ask: () => Promise<string>;
  /** How many connections to databases have been made. */
  readonly connections: () => number;
  readonly log: Log;
}

/**
 * When the server of the database was started, as it says itself: it changes with each start.
 *
 * A database that was loaded from a dump, or whose files were put back, has the id, the times and the
 * transaction numbers that it had before; nothing in it tells. But that cannot be done while the server
 * of a Community Edition runs, and no connection outlives the server: so it is asked whenever one has
 * been made.
 */
export class ServerStart {
  readonly #parts: ServerStartParts;
  #known: { readonly started: string; readonly connections: number } | null = null;
  #isTold = false;

  constructor(parts: ServerStartParts) {
    this.#parts = parts;
  }

  /**
   * The start of the server that is now reached; the empty text where it does not tell.
   *
   * @throws {DomainError} `dependency_unavailable`.
   */
  async current(): Promise<string> {
    const connections = this.#parts.connections();
    if (this.#known?.connections === connections) return this.#known.started;
    const started = await this.#asked();
    this.#known = { started, connections };
    return started;
  }

  async #asked(): Promise<string> {
    try {
      return await this.#parts.ask();
    } catch (error) {
      const { code = "", message = "" } = driverFault(error) ?? {};
      if (!NOT_TOLD.test(code)) throw serviceFailure(error);
      if (!this.#isTold) this.#parts.log.write("warn", "graph_start_unknown", { reason: message });
      this.#isTold = true;
      return "";
    }
  }
}

/** The start of the server that a link leads to. */
export function serverStartOf(link: Link, log: Log): ServerStart {
  const ask = () =>
    link.run({
      mode: "read",
      timeoutMs: ASK_SECONDS * 1000,
      signal: new AbortController().signal,
      overdue: () => unavailable(`it did not answer within ${ASK_SECONDS} s`),
    }, async (session, left) => {
      const { records } = await session.run(STARTED, {}, { timeout: left() });
      return String(records[0]?.get("started") ?? "");
    });
  return new ServerStart({ ask, connections: connectionsMade, log });
}
