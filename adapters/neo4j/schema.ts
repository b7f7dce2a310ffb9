import { GRAPH_SCHEMA, itemsOf } from "../../domain/graph/schema.ts";
import { serviceFailure } from "./faults.ts";
import type { Link } from "./link.ts";
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
  #ensured: { readonly driverNumber: number; readonly done: Promise<void> } | null = null;

  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * Resolves once the schema is known to be there, in the database that is now reached; makes it.
   *
   * @throws {DomainError} `dependency_unavailable`.
   */
  async ensured(): Promise<void> {
    const { driverNumber } = this.#link;
    if (this.#ensured === null || this.#ensured.driverNumber !== driverNumber) {
      this.#ensured = { driverNumber: Math.max(1, driverNumber), done: this.#ensure() };
    }
    const ensured = this.#ensured;
    try {
      await ensured.done;
    } catch (error) {
      if (this.#ensured === ensured) this.#ensured = null;
      throw serviceFailure(error);
    }
  }

  async #ensure(): Promise<void> {
    ensureMade(await createItems(this.#link, itemsOf(GRAPH_SCHEMA), SECONDS));
  }
}
