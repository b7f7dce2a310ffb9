import { LRUCache } from "lru-cache";
import type { Session } from "neo4j-driver";
import { DomainError, isFailure } from "../../domain/errors.ts";
import { invalid, statementFailure } from "./faults.ts";
import { ensurePlain, ensureReading, ensureReadingWords } from "./gate.ts";
import { keyLookups } from "./key_lookups.ts";
import { labelsWithoutOwn } from "./labels_call.ts";
import { tokensOf, unescaped } from "./lexical.ts";
import type { Link } from "./link.ts";
import { isRepeatable } from "./repeatable.ts";
import { withInsertions } from "./rewriting.ts";

const MOST_STATEMENTS = 1000;
/** Longer ones are analysed each time. */
const LONGEST_STATEMENT = 8192;
/** Before the caller's own first line. */
const EXPLAIN = "EXPLAIN\n";

/** A statement that may be carried out. */
export interface Verdict {
  /** What is sent for it. */
  readonly text: string;
  /** The columns as the caller's own text names them. */
  readonly columns: readonly string[];
  readonly repeatable: boolean;
}

/** How a statement is judged. */
export interface Judging {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What the caller has given, and milliseconds that are left of it. */
  readonly timeoutSeconds: number;
  readonly left: () => number;
  readonly signal: AbortSignal;
  /** Who asks; `null` where that is not known. */
  readonly caller: string | null;
}

/** What the database's analysis has said of statements, kept by their text. */
export class Verdicts {
  readonly #link: Link;
  readonly #kept = new LRUCache<string, Verdict>({ max: MOST_STATEMENTS });

  constructor(link: Link) {
    this.#link = link;
  }

  /** @throws {DomainError} `query_invalid`, `query_not_read_only`, `query_timeout`. */
  async of(statement: string, judging: Judging): Promise<Verdict> {
    const kept = this.#kept.get(statement);
    if (kept !== undefined) return kept;
    ensurePlain(tokensOf(statement));
    const verdict = await this.#judged(statement, judging);
    if (statement.length <= LONGEST_STATEMENT) this.#kept.set(statement, verdict);
    return verdict;
  }

  async #judged(statement: string, judging: Judging): Promise<Verdict> {
    // The words first: the database works out some functions, plugins' too, while it only plans.
    ensureReadingWords(statement);
    // Then the caller's own text: the places in what is said against it are the caller's.
    const columns = await this.#explained(statement, judging, EXPLAIN.split("\n").length - 1);
    const text = await this.#rewritten(statement, judging);
    return { text, columns, repeatable: isRepeatable(statement) };
  }

  /** What is sent in its place is judged like what was sent. */
  async #rewritten(statement: string, judging: Judging): Promise<string> {
    const own = unescaped(statement);
    const tokens = tokensOf(own);
    const hiding = labelsWithoutOwn(tokens);
    const finding = keyLookups(tokens);
    if (finding.length > 0) {
      const text = withInsertions(own, [...hiding, ...finding]);
      const understood = await this.#explained(text, judging, Infinity).then(
        () => true,
        isNotInvalid,
      );
      if (understood) return text;
    }
    if (hiding.length === 0) return statement;
    const text = withInsertions(own, hiding);
    await this.#explained(text, judging, Infinity);
    return text;
  }

  /** Has the database analyse a statement, and judges what it says; gives the columns. */
  async #explained(
    statement: string,
    { parameters, timeoutSeconds, left: leftOfAll, signal, caller }: Judging,
    linesBefore: number,
  ): Promise<readonly string[]> {
    const asking = {
      mode: "read" as const,
      timeoutMs: leftOfAll(),
      signal,
      caller,
      // The database plans a statement to the end, though nobody waits for it any more.
      endless: true as const,
      overdue: () => new DomainError({ code: "query_timeout", timeoutSeconds }),
    };
    try {
      return await this.#link.run(asking, async (session, left) => {
        const text = `${EXPLAIN}${statement}`;
        const result = session.run(text, parameters, { timeout: left() });
        const columns = await result.keys();
        const { queryType, plan, database: { name = null } } = await result.summary();
        ensureReading(queryType, plan);
        if (name !== this.#link.database) await ensureOwn(session, name, left());
        return columns;
      });
    } catch (error) {
      throw statementFailure(error, { timeoutSeconds, linesBefore });
    }
  }
}

/**
 * Refuses what would be carried out in another database than a statement that names none; the setting's
 * own name may be an alias.
 */
async function ensureOwn(session: Session, name: string | null, timeout: number): Promise<void> {
  if (name === null) return;
  const { summary } = await session.run("RETURN 1", {}, { timeout });
  if (summary.database.name !== name) throw invalid("it is for another database");
}

/** Of a text that does not parse, `false`: what looked like a pattern was something else. */
function isNotInvalid(error: unknown): boolean {
  if (isFailure(error, "query_invalid")) return false;
  throw error;
}
