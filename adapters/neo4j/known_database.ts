import { serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";
import { connectionsMade } from "./record_bound.ts";
import type { Run } from "./transaction.ts";

const SECONDS = 10;
const WHICH = "CALL db.info() YIELD id";

/** A database that was prepared, and how many connections there had been before it was looked at. */
interface Known {
  readonly id: string;
  readonly connections: number;
}

/**
 * Which database is written to: behind the same address there may be another one at any time, which a
 * connection that is made anew leads to without a word.
 */
export class KnownDatabase {
  readonly #link: Link;
  readonly #prepare: (id: string, isKnown: boolean) => Promise<void>;
  #known: Known | null = null;
  #looking: Promise<void> | null = null;

  /**
   * `prepare` makes a database, by its id, fit to be written to. It is called for one that it is known to
   * have prepared, too, when connections have been made.
   */
  constructor(link: Link, prepare: (id: string, isKnown: boolean) => Promise<void>) {
    this.#link = link;
    this.#prepare = prepare;
  }

  /** Resolves once the database that is now reached is prepared. @throws {DomainError} */
  async ready(): Promise<void> {
    while (this.#looking !== null || this.#known?.connections !== connectionsMade()) {
      const isOwn = this.#looking === null;
      await (this.#looking ??= this.#look().finally(() => void (this.#looking = null)));
      if (isOwn) return;
    }
  }

  /**
   * Fails within a transaction that is not in the database that was prepared.
   *
   * @throws {DomainError} `dependency_unavailable`: the next attempt prepares the other one.
   */
  async ensureSame(run: Run): Promise<void> {
    const known = this.#known;
    if (known?.connections === connectionsMade()) return;
    const { records } = await run(WHICH, {});
    if (known !== null && records[0]?.get("id") === known.id) return;
    this.#known = null;
    throw unavailable("there is another database than before");
  }

  async #look(): Promise<void> {
    const connections = connectionsMade();
    const id = await databaseId(this.#link);
    const isKnown = this.#known?.id === id;
    if (!isKnown) this.#known = null;
    try {
      await this.#prepare(id, isKnown);
    } catch (error) {
      this.#known = null;
      throw error;
    }
    this.#known = { id, connections };
  }
}

/**
 * What a database says it is: no two have the same, whatever they are called and wherever they are.
 *
 * @throws {DomainError} `dependency_unavailable`.
 */
export async function databaseId(link: Link): Promise<string> {
  const asking = {
    mode: "read" as const,
    timeoutMs: SECONDS * 1000,
    signal: new AbortController().signal,
    overdue: () => unavailable(`it did not answer within ${SECONDS} s`),
  };
  try {
    return await link.run(asking, async (session, left) => {
      const { records } = await session.run(WHICH, {}, { timeout: left() });
      const id: unknown = records[0]?.get("id");
      if (typeof id !== "string" || id === "") throw unavailable("it does not say which it is");
      return id;
    });
  } catch (error) {
    throw serviceFailure(error);
  }
}
