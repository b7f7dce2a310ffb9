import { GRAPH_SCHEMA, itemsOf } from "../../domain/graph/schema.ts";
import { serviceFailure } from "./faults.ts";
import { KnownDatabase } from "./known_database.ts";
import type { Link } from "./link.ts";
import type { ServerStart } from "./server_start.ts";
import type { Run } from "./transaction.ts";
import { createItems, ensureMade } from "./migrations/items.ts";

/** A write waits no longer for what is missing to be made. */
const SECONDS = 30;

/**
 * What the contract rests on: without the key's constraint two writers at once make two nodes of one key. A
 * migration makes it at the start; a database that was away then, or that is another one now, is looked at
 * before it is written to.
 */
export class Schema {
  readonly #link: Link;
  readonly #database: KnownDatabase;

  constructor(link: Link, start: ServerStart) {
    this.#link = link;
    let madeIn: string | null = null;
    this.#database = new KnownDatabase(link, async (_id, isKnown) => {
      const started = await start.current();
      // A copy from before it was made may have been put in the database's place, under the same id.
      if (isKnown && started === madeIn) return;
      await this.#make();
      madeIn = started;
    });
  }

  /**
   * Resolves once the schema is known to be there, in the database that is now reached; makes it.
   *
   * @throws {DomainError} `dependency_unavailable`.
   */
  async ensured(): Promise<void> {
    try {
      await this.#database.ready();
    } catch (error) {
      throw serviceFailure(error);
    }
  }

  /** Fails within a transaction that is in another database than the schema was ensured in. */
  async ensureSame(run: Run): Promise<void> {
    await this.#database.ensureSame(run);
  }

  async #make(): Promise<void> {
    ensureMade(await createItems(this.#link, itemsOf(GRAPH_SCHEMA), SECONDS));
  }
}
