import type { Session } from "neo4j-driver";
import { DomainError } from "../../../domain/errors.ts";
import { RECORDS_SCHEMA } from "../../../domain/graph/schema.ts";
import { serviceFailure, unavailable } from "../faults.ts";
import { databaseId, KnownDatabase } from "../known_database.ts";
import { Link } from "../link.ts";
import { migrate } from "../migrations/migrate.ts";
import { inTransaction, type Run } from "../transaction.ts";
import type { Neo4jOptions } from "../options.ts";

const READ_SECONDS = 10;

/** How the database of the records is opened. */
export interface RecordsDatabaseOptions extends Neo4jOptions {
  /** Whose lease on the schema it is; another at each start. */
  readonly owner: string;
  /** The id of the database that must not be this one; `null` while that cannot be told, or there is none. */
  readonly graphDatabaseId?: () => Promise<string | null>;
}

/** What is called away where the records cannot be used. */
const DEPENDENCY = "records";

/** The records' own database: what is asked of it, and that it is fit to be written to. */
export class RecordsDatabase implements AsyncDisposable {
  readonly #options: RecordsDatabaseOptions;
  readonly #link: Link;
  readonly #known: KnownDatabase;

  constructor(options: RecordsDatabaseOptions) {
    this.#options = options;
    this.#link = new Link(options, DEPENDENCY);
    this.#known = new KnownDatabase(this.#link, (id, isKnown) => this.#prepare(id, isKnown));
  }

  /**
   * Resolves once the database is known not to be the graph's, and to have the schema.
   *
   * @throws {DomainError} `dependency_unavailable`; `transient` is `false` where it is the graph's own.
   */
  async ready(): Promise<void> {
    try {
      await this.#known.ready();
    } catch (error) {
      throw recordsFailure(error);
    }
  }

  /** Does `work` in one transaction, once the database is {@link ready}. @throws {DomainError} */
  async write<Done>(work: (run: Run) => Promise<Done>): Promise<Done> {
    await this.ready();
    const { clock, retrySeconds } = this.#options;
    const ensureSame = (run: Run) => this.#known.ensureSame(run);
    const parts = { link: this.#link, clock, retrySeconds, ensureSame, onWritten: () => {} };
    try {
      return await inTransaction(parts, new AbortController().signal, work);
    } catch (error) {
      throw recordsFailure(error);
    }
  }

  /** The rows of one statement that reads. @throws {DomainError} `dependency_unavailable`. */
  async read(
    statement: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>[]> {
    const work = async (session: Session, left: () => number) => {
      const { records } = await session.run(statement, parameters, { timeout: left() });
      return records.map((record) => record.toObject());
    };
    try {
      return await this.#link.run({
        mode: "read",
        timeoutMs: READ_SECONDS * 1000,
        signal: new AbortController().signal,
        overdue: () => unavailable(`it did not answer within ${READ_SECONDS} s`),
      }, work);
    } catch (error) {
      throw recordsFailure(error);
    }
  }

  /** Which database it is, as it says itself, once it is {@link ready}. @throws {DomainError} */
  async id(): Promise<string> {
    await this.ready();
    return await databaseId(this.#link).catch((error) => {
      throw recordsFailure(error);
    });
  }

  /** Resolves when the database answers. @throws {DomainError} `dependency_unavailable`. */
  async ping(): Promise<void> {
    await this.#link.ping().catch((error) => {
      throw recordsFailure(error);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
  }

  async #prepare(id: string, isKnown: boolean): Promise<void> {
    // Not asked again of the same database: the records do without the graph while it is away.
    if (isKnown) return;
    if (await this.#options.graphDatabaseId?.() === id) throw sameDatabase();
    const { log, owner } = this.#options;
    const steps = await migrate(this.#link, RECORDS_SCHEMA, { owner });
    for (const { name, standing } of steps) {
      if (standing === "done") log.write("info", "records_migrated", { step: name });
    }
  }
}

/** Records beside the graph could be read by whoever may query that. */
export function sameDatabase(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: DEPENDENCY,
    reason: "their database is the graph's own, where whoever may query the graph would read them",
    remedy: "Set RECORDS_NEO4J_URI or RECORDS_NEO4J_DATABASE to another one.",
    retryAfterSeconds: 1,
    transient: false,
  });
}

/** A failure of the way to a database, told as one of the records'. */
export function recordsFailure(error: unknown): DomainError {
  const failure = serviceFailure(error);
  const told = failure.failure;
  if (told.code === "dependency_unavailable" && told.dependency === "graph") {
    return new DomainError({ ...told, dependency: DEPENDENCY }, { cause: failure.cause });
  }
  if (told.code !== "graph_conflict") return failure;
  return new DomainError({
    code: "dependency_unavailable",
    dependency: DEPENDENCY,
    reason: told.reason,
    remedy: null,
    retryAfterSeconds: 1,
    transient: false,
  }, { cause: failure.cause });
}

/** What a closed store rejects with. */
export function closedStore(): DomainError {
  return recordsFailure(unavailable("the store is closed"));
}
