import { DomainError } from "../../../domain/errors.ts";
import { masked } from "./lexical.ts";
import { type OperatorTree, treeOf } from "./plan_tree.ts";
import type { Parameters, Run } from "./store.ts";
import { planOf } from "./bounded_statement.ts";

/** Brackets, and the word; not where it is a property, a label or a key. */
const MARKS = /[([{]|[)\]}]|\bRETURN\b(?<![.:]\s*RETURN)(?!\s*:)/gi;
/** What may follow the word before the first column that is named. */
const LEADING = /^(?:\s+DISTINCT\b)?(\s*\*)?/i;
/** Aggregates that are numbers whatever they are of. */
const OF_NUMBERS =
  /^\(group: \[\], aggs: \[(?:(?:count|countnonnull|sum|avg)\(\.\.\.\) AS [^,]+(?:, |\]\)$))+$/;
/** What hands the rows of a `RETURN` on as they are. */
const ORDERING = new Set(["Distinct", "Limit", "Skip", "Sort"]);
/** What hands the rows of several on, or a subquery's. */
const JOINING = new Set(["Apply", "Union"]);

/** A statement whose aggregates give what they are of, and the column that was added for it. */
export interface NamedAggregate {
  readonly text: string;
  /** `null` where nothing was added. */
  readonly added: string | null;
}

/**
 * The engine gives ids in place of nodes, relationships and paths where a `RETURN` aggregates and none of
 * its columns has a name by `AS`. So one gets a further column that has: a count of nothing, which changes
 * neither the groups nor what is distinct.
 *
 * @throws {DomainError} `query_invalid` where that cannot be: in a `UNION` and in a subquery.
 */
export async function withNamedAggregate(
  run: Run,
  { text, parameters, plan }: { text: string; parameters: Parameters; plan: string },
): Promise<NamedAggregate> {
  const place = aggregateWithIds(plan);
  if (place === null) return { text, added: null };
  const added = unusedName(text);
  const named = place === "outermost" ? withColumn(text, `count(null) AS ${added}`) : null;
  const again = named === null ? "" : await planOf(run, named, parameters).catch(() => "");
  if (named !== null && again !== "" && aggregateWithIds(again) === null) {
    return { text: named, added };
  }
  const message = "expected a name, by AS, for each aggregate and what it is grouped by, " +
    "found a RETURN that aggregates without";
  throw new DomainError({ code: "query_invalid", message, line: null, column: null });
}

/** Where a plan has an aggregate whose rows are given as the engine keeps them, if it has one. */
export function aggregateWithIds(plan: string): "outermost" | "within" | null {
  const root = treeOf(plan);
  let last = root;
  while (last !== undefined && ORDERING.has(last.name)) last = last.children[0];
  if (last === undefined || !givesIds(last)) return null;
  return last.name === "Aggregate" ? "outermost" : "within";
}

function givesIds({ name, detail, children }: OperatorTree): boolean {
  if (name === "Aggregate") return !OF_NUMBERS.test(detail);
  const handsOn = ORDERING.has(name) || JOINING.has(name) ||
    (name === "Return" && /^\(\*?\)$/.test(detail));
  return handsOn && children.some(givesIds);
}

function unusedName(text: string): string {
  let name = "umcp_named";
  while (text.includes(name)) name += "_";
  return name;
}

/** The statement with a column more in its only outer `RETURN`; `null` where there is none or another. */
function withColumn(text: string, column: string): string | null {
  const mask = masked(text);
  const ends: number[] = [];
  let depth = 0;
  for (const { 0: mark, index } of mask.matchAll(MARKS)) {
    if (mark.length > 1) {
      if (depth === 0) ends.push(index + mark.length);
    } else depth += "([{".includes(mark) ? 1 : -1;
  }
  const [end, ...others] = ends;
  if (end === undefined || others.length > 0) return null;
  const [leading = "", star] = LEADING.exec(mask.slice(end)) ?? [];
  const at = end + leading.length;
  const inserted = star === undefined ? ` ${column}, ` : `, ${column}`;
  return text.slice(0, at) + inserted + text.slice(at);
}
