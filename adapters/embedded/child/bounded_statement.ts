import { ensureReading, rootOf } from "./gate.ts";
import type { Parameters, Run } from "./store.ts";

/** A text with a `LIMIT` of its own at its end. */
const OWN_LIMIT = /\bLIMIT\s+\d+\s*$/i;

/**
 * A reading statement that gives at most `rows` rows, each of the ways that there are tried in turn: the
 * plan tells which of them the engine really understands so.
 *
 * - With `LIMIT` put behind: the engine then stops as soon as it has enough.
 * - With the caller's own `LIMIT` made smaller, likewise.
 * - As it is, when its own `LIMIT` is small enough.
 * - As a subquery: for a `UNION`, which the engine works out to its end.
 *
 * @throws {DomainError} `query_not_read_only`.
 */
export async function boundedStatement(
  run: Run,
  { text, parameters, rows }: { text: string; parameters: Parameters; rows: number },
): Promise<string> {
  const bare = withoutEnd(text);
  const limited = `Limit (${rows})`;
  const tries = OWN_LIMIT.test(bare)
    ? [bare.replace(OWN_LIMIT, `LIMIT ${rows}`)]
    : [`${bare}\nLIMIT ${rows}`];
  for (const statement of tries) {
    const plan = await planOf(run, statement, parameters).catch(() => "");
    if (rootOf(plan) !== limited || ownLimit(bare, rows)) continue;
    ensureReading(plan);
    return statement;
  }
  const plan = await planOf(run, bare, parameters);
  ensureReading(plan);
  if (ownLimit(rootOf(plan), rows)) return bare;
  const wrapped = `CALL {\n${bare}\n} RETURN * LIMIT ${rows}`;
  ensureReading(await planOf(run, wrapped, parameters));
  return wrapped;
}

/** By hand: an expression would begin anew at each space of a long row of them in the midst. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[;\s]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Whether a statement's end or a plan's root limits the rows to no more than that already. */
function ownLimit(text: string, rows: number): boolean {
  const [, own] = /\bLIMIT (?:\(|\s*)(\d+)\)?\s*$/i.exec(text) ?? [];
  return own !== undefined && Number(own) <= rows;
}

/** How the engine would carry a statement out: an operator a line, indented by how deep it lies. */
export async function planOf(
  run: Run,
  statement: string,
  parameters: Parameters,
): Promise<string> {
  const explained = await run(`EXPLAIN\n${statement}`, parameters);
  return String(explained.scalar());
}
