import { DomainError } from "../../../domain/errors.ts";

/** Operators of a plan that read and do nothing else. */
const READING = new Set(
  ("Aggregate Apply Distinct Empty Except Expand Filter Intersect Join LeftJoin AntiJoin SemiJoin " +
    "Limit NodeScan EdgeScan Project Return ShortestPath Skip Sort Union Unwind").split(" "),
);
/** What a subquery calls the row that it is handed; the engine has no name for it. */
const OUTER_ROW = "Discriminant(51)";
/** What stands outermost where a statement gives rows; others end before their `RETURN`. */
const GIVING = new Set(["Aggregate", "Distinct", "Limit", "Return", "Skip", "Sort", "Union"]);

/** An operator of the plan and what stands in brackets behind it. */
interface Operator {
  readonly name: string;
  readonly detail: string;
}

/**
 * Refuses a plan with an operator that is not known to read only: a list of what may, not of what may
 * not, so that what a later engine adds is refused until somebody has looked at it.
 *
 * @throws {DomainError} `query_not_read_only`, or `query_invalid` when it gives nothing.
 */
export function ensureReading(plan: string): void {
  const operators = operatorsOf(plan);
  for (const { name, detail } of operators) {
    const known = READING.has(name) || `${name}${detail}` === OUTER_ROW;
    if (!known) throw refused(`the operation '${name}${detail === "" ? "" : ` ${detail}`}'`);
  }
  // Subqueries of expressions stand within a line, as `CreateNode(CreateNodeOp { ... })`.
  for (const [, name = ""] of plan.matchAll(/\b(\w{1,60})Op \{/g)) {
    if (!READING.has(name)) throw refused(`the operation '${name}'`);
  }
  if (GIVING.has(operators[0]?.name ?? "")) return;
  const message = "expected a RETURN at the end of the statement, found none";
  throw new DomainError({ code: "query_invalid", message, line: null, column: null });
}

/** A statement that the engine takes for a command rather than for a query. */
export function refusedCommand(): DomainError {
  return refused("a command that changes or shows the schema");
}

/** The outermost operator of a plan, as `Limit (3)`. */
export function rootOf(plan: string): string {
  return plan.split("\n", 1)[0] ?? "";
}

function operatorsOf(plan: string): Operator[] {
  return plan.trimEnd().split("\n").map((line) => {
    const [, name = "", detail = ""] = /^ *([A-Za-z]+)(?: ?(.*))$/.exec(line) ?? [];
    return { name, detail };
  });
}

function refused(what: string): DomainError {
  const reason = what.length > 200 ? `${what.slice(0, 200)}…` : what;
  return new DomainError({ code: "query_not_read_only", reason });
}
