import type { Session } from "neo4j-driver";
import { LRUCache } from "lru-cache";
import { statementFailure } from "./faults.ts";
import { ensureReading, ensureReadingWords } from "./gate.ts";
import { withoutInternalLabel } from "./labels_call.ts";
import { tokensOf, unescaped } from "./lexical.ts";
import { isRepeatable } from "./repeatable.ts";

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

/** What a statement is judged with. */
export interface Judging {
  readonly session: Session;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number;
}

/** What the database's analysis has said of statements, kept by their text. */
export class Verdicts {
  readonly #kept = new LRUCache<string, Verdict>({ max: MOST_STATEMENTS });

  /** @throws {DomainError} `query_invalid`, `query_not_read_only`. */
  async of(statement: string, judging: Judging): Promise<Verdict> {
    const kept = this.#kept.get(statement);
    if (kept !== undefined) return kept;
    const verdict = await judged(statement, judging);
    if (statement.length <= LONGEST_STATEMENT) this.#kept.set(statement, verdict);
    return verdict;
  }
}

async function judged(statement: string, judging: Judging): Promise<Verdict> {
  // The caller's own text first: the places in what is said against it are then the caller's.
  const columns = await explained(statement, judging, EXPLAIN.split("\n").length - 1);
  ensureReadingWords(statement);
  const own = unescaped(statement);
  const rewritten = withoutInternalLabel(own, tokensOf(own));
  const repeatable = isRepeatable(statement);
  if (rewritten === null) return { text: statement, columns, repeatable };
  await explained(rewritten, judging, Infinity);
  return { text: rewritten, columns, repeatable };
}

/** Has the database analyse a statement, and judges what it says; gives the columns. */
async function explained(
  statement: string,
  { session, parameters, timeoutSeconds }: Judging,
  linesBefore: number,
): Promise<readonly string[]> {
  try {
    const timeout = timeoutSeconds * 1000;
    const result = session.run(`${EXPLAIN}${statement}`, parameters, { timeout });
    const columns = await result.keys();
    const { queryType, plan } = await result.summary();
    ensureReading(queryType, plan);
    return columns;
  } catch (error) {
    throw statementFailure(error, { timeoutSeconds, linesBefore });
  }
}
