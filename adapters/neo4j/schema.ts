import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import { serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";

const CONSTRAINT = "graph_node_key";
const SECONDS = 30;
const FIND = "SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties " +
  "WHERE labelsOrTypes = [$label] AND properties = [$key] RETURN type";
const CREATE = `CREATE CONSTRAINT ${CONSTRAINT} IF NOT EXISTS ` +
  `FOR (n:${INTERNAL_LABEL}) REQUIRE n.${KEY_PROPERTY} IS UNIQUE`;
/** What each version calls a constraint under which no two nodes have the same key. */
const UNIQUE = /^(NODE_)?(PROPERTY_)?(UNIQUENESS|KEY)$/;

/** The constraint that the contract rests on: without it two writers at once make two nodes of one key. */
export class Schema {
  readonly #link: Link;
  #ensured: { readonly driverNumber: number; readonly done: Promise<void> } | null = null;

  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * Resolves once the constraint is known to be there, in the database that is now reached; makes it.
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

  /** `IF NOT EXISTS` does nothing where the name stands for something else: so it is looked at again. */
  async #ensure(): Promise<void> {
    if (await this.#isThere()) return;
    await this.#run(CREATE);
    if (await this.#isThere()) return;
    throw unavailable(`the name '${CONSTRAINT}' stands for something else in its schema`);
  }

  async #isThere(): Promise<boolean> {
    const found = await this.#run(FIND, { label: INTERNAL_LABEL, key: KEY_PROPERTY });
    return found.some((type) => typeof type === "string" && UNIQUE.test(type));
  }

  #run(statement: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown[]> {
    return this.#link.run({
      mode: "write",
      timeoutMs: SECONDS * 1000,
      signal: new AbortController().signal,
      overdue: () => unavailable(`its schema was not changed within ${SECONDS} s`),
    }, async (session, left) => {
      const { records } = await session.run(statement, parameters, { timeout: left() });
      return records.map((record) => record.get(0));
    });
  }
}
