import type { Clock } from "../../../domain/ports/clock.ts";
import { firstIdAt } from "../../../domain/records/first_id.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { RecordsDatabase } from "./database.ts";
import { Repeated } from "./repeated.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Pieces of a megabyte that one transaction deletes: it has its memory's limit. */
const PIECES_AT_ONCE = 8;

// From here on it is found no more, so that nobody reads one whose pieces are going. Ids are of UUID version 7: the
// index of each kind's ids finds the old ones.
const EXPIRE = ["ExecutionResult", "TestResult", "LintResult"].map((kind) =>
  `MATCH (r:${kind}) WHERE r.id < $first AND r.timestamp < $before WITH r LIMIT 100
  SET r:ExpiredResult REMOVE r:${kind} RETURN count(*) AS count`
);
const EXPIRED = "MATCH (r:ExpiredResult) RETURN r.id AS id, r.pieces AS pieces LIMIT 100";
const REMOVE_PIECES = `UNWIND $positions AS position
  MATCH (p:ResultPiece {result: $id, position: position}) DELETE p`;
const REMOVE = "MATCH (r:ExpiredResult) WHERE r.id IN $ids DELETE r";

/** The statements that look for what is to go, whose plans must use an index. */
export const RETENTION_STATEMENTS: readonly string[] = [...EXPIRE, REMOVE_PIECES];
/** Those that look for what is going: a hundred at most. */
export const EXPIRED_STATEMENTS: readonly string[] = [EXPIRED, REMOVE];

/** How old results go. */
export interface ResultRetentionOptions {
  readonly database: RecordsDatabase;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Has results of runs, tests and linting go that are older than so many days: now, in the background, and daily. Several instances
 * may do it at once, and what a kill leaves half done is gone on with.
 */
export class Neo4jResultRetention implements AsyncDisposable {
  readonly #options: ResultRetentionOptions;
  readonly #trimming: Repeated;
  #closed = false;

  constructor(options: ResultRetentionOptions) {
    this.#options = options;
    const work = () => this.#trim();
    this.#trimming = new Repeated({
      ...{ name: "result_retention", log: options.log, everyMs: DAY_MS, work },
    });
  }

  /** Resolves when the trimming that is going on is done. */
  get trimmed(): Promise<void> {
    return this.#trimming.going;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#trimming[Symbol.asyncDispose]();
  }

  async #trim(): Promise<void> {
    const { database, clock, retentionDays, log } = this.#options;
    const before = new Date(clock.now() - retentionDays * DAY_MS).toISOString();
    await database.ready();
    // What a kill has left.
    await this.#removeExpired();
    let count = 0;
    for (const statement of EXPIRE) count += await this.#expire(statement, before);
    if (count > 0) log.write("info", "results_trimmed", { count, before });
  }

  async #expire(statement: string, before: string): Promise<number> {
    const { database } = this.#options;
    const first = firstIdAt(before);
    let count = 0;
    for (let expired = 1; expired > 0 && !this.#closed; count += expired) {
      const { records: [row] } = await database.write((run) => run(statement, { before, first }));
      expired = Number(row?.get("count") ?? 0);
      if (expired > 0) await this.#removeExpired();
    }
    return count;
  }

  async #removeExpired(): Promise<void> {
    const { database } = this.#options;
    while (!this.#closed) {
      const rows = await database.read(EXPIRED, {});
      if (rows.length === 0) return;
      for (const row of rows) {
        await this.#removePieces(String(row["id"]), Number(row["pieces"] ?? 0));
      }
      const ids = rows.map(({ id }) => id);
      await database.write((run) => run(REMOVE, { ids }));
    }
  }

  async #removePieces(id: string, pieces: number): Promise<void> {
    for (let from = 0; from < pieces; from += PIECES_AT_ONCE) {
      const length = Math.min(PIECES_AT_ONCE, pieces - from);
      const positions = Array.from({ length }, (_, at) => BigInt(from + at));
      await this.#options.database.write((run) => run(REMOVE_PIECES, { id, positions }));
    }
  }
}
