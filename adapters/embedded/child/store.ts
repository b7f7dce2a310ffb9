import grafeo from "@grafeo-db/js";

/** Bytes of log after which the engine writes a checkpoint by itself; off unless asked for. */
const CHECKPOINT_BYTES = 16_000_000;

/** What a statement can be handed and give back; the engine's own idea of values. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Runs one statement in the transaction that it belongs to. */
export type Run = (statement: string, parameters?: Parameters) => Promise<grafeo.QueryResult>;

/** The property that knows a node. No label stands for it: the engine's index needs none. */
export const KEY = "key";

/** The database file and its transactions. */
export class Store {
  readonly #database: grafeo.GrafeoDB;

  private constructor(database: grafeo.GrafeoDB) {
    this.#database = database;
  }

  /** Opens the file, made when absent, with the index that finds nodes by key. */
  static async open(path: string): Promise<Store> {
    const database = grafeo.GrafeoDB.create(path);
    database.setCheckpointTriggers({ walBytes: CHECKPOINT_BYTES });
    // An index here is one over the property, whatever label its statement must name.
    await database.executeCypher(
      `CREATE INDEX node_key IF NOT EXISTS FOR (n:Node) ON (n.${KEY})`,
    );
    return new Store(database);
  }

  /** The engine's count of commits: durable, moved by each commit in its own transaction. */
  get generation(): string {
    return String(this.#database.currentEpoch());
  }

  /** The database itself, for what no statement can ask for; it shows the committed state. */
  get database(): grafeo.GrafeoDB {
    return this.#database;
  }

  /** Runs `work` in a transaction that is rolled back whatever happens. */
  async read<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const transaction = this.#database.beginTransaction();
    try {
      return await work((statement, parameters) =>
        transaction.executeCypher(statement, parameters)
      );
    } finally {
      transaction.rollback();
    }
  }

  /** Runs `work` in a transaction that is committed if it says so, rolled back if not or if it throws. */
  async write<T>(work: (run: Run) => Promise<{ changed: boolean; result: T }>): Promise<T> {
    const transaction = this.#database.beginTransaction();
    try {
      const { changed, result } = await work((statement, parameters) =>
        transaction.executeCypher(statement, parameters)
      );
      if (changed) transaction.commit();
      return result;
    } finally {
      if (transaction.isActive) transaction.rollback();
    }
  }

  close(): void {
    this.#database.close();
  }
}
