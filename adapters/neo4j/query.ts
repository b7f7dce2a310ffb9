import type { Session } from "neo4j-driver";
import { AnswerSize } from "../../domain/graph/answer_bounds.ts";
import { ensureShallow } from "../../domain/graph/answer_depth.ts";
import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import { DomainError } from "../../domain/errors.ts";
import { invalid, statementFailure } from "./faults.ts";
import type { Generation } from "./generations.ts";
import type { Link } from "./link.ts";
import { ensureWellFormed } from "./text.ts";
import { traceless } from "./traceless.ts";
import { ensureParameters, graphValue, NodeKeys } from "./values.ts";
import type { Verdicts } from "./verdicts.ts";

/** Rows that the database sends at once: each may hold megabytes. */
const MOST_ROWS_AT_ONCE = 100;
/** The keys of nodes by their ids. */
export const ENDS: string = `MATCH (n:${INTERNAL_LABEL}) WHERE elementId(n) IN $ids ` +
  `RETURN elementId(n) AS id, n.${KEY_PROPERTY} AS key`;

/** The rows of a result as the driver gives them. */
interface Pulled {
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
}

/** How a query is carried out. */
export interface QueryParts {
  readonly link: Link;
  readonly verdicts: Verdicts;
  /** Milliseconds that the query still has, 1 at least. */
  readonly left: () => number;
}

/** Answers a reading statement; `generation` is one of before now. */
export async function answerQuery(
  { link, verdicts, left: leftOfAll }: QueryParts,
  query: GraphQuery,
  generation: Generation,
  signal: AbortSignal,
): Promise<GraphAnswer> {
  const { statement, parameters, timeoutSeconds, caller = null } = query;
  ensureWellFormed(statement, "/cypher");
  ensureParameters(parameters);
  // The database takes it for part of a name.
  if (statement.includes("\0")) throw invalid("the statement has the character U+0000");
  const verdict = await verdicts.of(statement, {
    ...{ parameters, timeoutSeconds, signal, caller },
    left: leftOfAll,
  });
  const asking = {
    mode: "read" as const,
    fetchSize: Math.min(query.limit + 1, MOST_ROWS_AT_ONCE),
    bookmarks: [generation.bookmark],
    timeoutMs: leftOfAll(),
    ...{ signal, caller },
    overdue: () => new DomainError({ code: "query_timeout", timeoutSeconds }),
  };
  const bounds = { timeoutSeconds, linesBefore: Infinity };
  try {
    return await link.run(asking, async (session, left) => {
      const pulled = await pull(session, query, { text: verdict.text, timeout: left() });
      const { columns, repeatable } = verdict;
      const rows = await typedRows(session, pulled.rows, left());
      const { truncated } = pulled;
      return { columns, rows, truncated, repeatable, generation: generation.name };
    });
  } catch (error) {
    throw statementFailure(error, bounds);
  }
}

/** Pulls no more rows than it takes to know whether there are more than the limit. */
async function pull(
  session: Session,
  { parameters, limit }: GraphQuery,
  { text, timeout }: { readonly text: string; readonly timeout: number },
): Promise<Pulled> {
  const rows: unknown[][] = [];
  const size = new AnswerSize();
  const result = traceless(() => session.run(text, parameters, { timeout }));
  for await (const record of result) {
    if (rows.length === limit) return { rows, truncated: true };
    const row = record.keys.map((_, at) => record.get(at) as unknown);
    ensureShallow(row);
    size.addRow(record.keys as string[], row);
    rows.push(row);
  }
  return { rows, truncated: false };
}

async function typedRows(
  session: Session,
  rows: Pulled["rows"],
  timeout: number,
): Promise<GraphAnswer["rows"]> {
  const keys = new NodeKeys();
  for (const row of rows) for (const value of row) keys.collect(value);
  const { missing: ids } = keys;
  if (ids.length > 0) {
    const { records } = await traceless(() => session.run(ENDS, { ids }, { timeout }));
    for (const record of records) keys.add(record.get("id"), record.get("key"));
  }
  return rows.map((row) => row.map((value) => graphValue(value, keys)));
}
