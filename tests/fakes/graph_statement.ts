import type { GraphValue } from "../../domain/graph/value.ts";
import type { Condition, Expression, Item, Statement } from "./graph_cypher.ts";
import {
  compared,
  integers,
  invalid,
  type Row,
  type Scope,
  shown,
  valueOf,
} from "./graph_expressions.ts";
import type { KeptGraph } from "./graph_maps.ts";
import { matches } from "./graph_match.ts";

/** A row of the answer, or `null` for what was looked at in vain: so that a caller can stop in between. */
export type Tick = readonly GraphValue[] | null;

/** The rows that a statement finds. @throws {DomainError} `query_invalid`. */
export function tickedAnswer(
  statement: Statement,
  maps: KeptGraph,
  parameters: Scope["parameters"],
): Iterable<Tick> {
  // The maps are replaced and never changed, so this is the graph as it is now.
  const scope = { nodes: maps.nodes, relationships: maps.relationships, parameters };
  const found = bindings(statement, scope);
  const counts = statement.items.some(({ expression }) => isCount(expression));
  if (counts) return bounded(counted(statement.items, found, scope), statement, scope);
  if (statement.order.length > 0) {
    return bounded(ordered(statement, found, scope), statement, scope);
  }
  return bounded(projected(statement.items, found, scope), statement, scope);
}

function* bindings({ clauses }: Statement, scope: Scope): Generator<Row | null> {
  let rows: Iterable<Row | null> = [new Map()];
  for (const clause of clauses) rows = extended(rows, clause, scope);
  yield* rows;
}

function* extended(
  rows: Iterable<Row | null>,
  clause: Statement["clauses"][number],
  scope: Scope,
): Generator<Row | null> {
  for (const row of rows) {
    if (row === null) yield null;
    else if (clause.is === "match") yield* matches(clause.patterns, row, scope);
    else if (clause.is === "where") {
      yield clause.conditions.every((condition) => holds(condition, row, scope)) ? row : null;
    } else {
      for (const item of listed(clause.list, row, scope)) {
        yield new Map([...row, [clause.variable, item]]);
      }
    }
  }
}

function* listed(list: Expression, row: Row, scope: Scope): Generator<GraphValue> {
  if (list.is === "call" && list.function === "range") {
    yield* integers(list.arguments.map((bound) => valueOf(bound, row, scope)));
    return;
  }
  const items = valueOf(list, row, scope);
  if (items === null) return;
  if (!Array.isArray(items)) throw invalid("UNWIND wants a list");
  yield* items;
}

function holds({ left, operator, right }: Condition, row: Row, scope: Scope): boolean {
  const [a, b] = [valueOf(left, row, scope), valueOf(right, row, scope)];
  if (a === null || b === null) return false;
  const comparison = compared(a, b);
  switch (operator) {
    case "=":
      return comparison === 0;
    case "<>":
      return comparison !== 0;
    case "<":
      return comparison < 0;
    case ">":
      return comparison > 0;
    case "<=":
      return comparison <= 0;
    default:
      return comparison >= 0;
  }
}

function* projected(
  items: readonly Item[],
  rows: Iterable<Row | null>,
  scope: Scope,
): Generator<Tick> {
  for (const row of rows) {
    yield row && items.map(({ expression }) => valueOf(expression, row, scope));
  }
}

/** Rows that agree in all that is not counted become one; with nothing else to agree in, always one. */
function* counted(
  items: readonly Item[],
  rows: Iterable<Row | null>,
  scope: Scope,
): Generator<Tick> {
  const groups = new Map<string, (GraphValue | bigint)[]>();
  const empty = () => items.map(() => 0n);
  if (items.every(({ expression }) => isCount(expression))) groups.set("[]", empty());
  for (const row of rows) {
    yield null;
    if (row === null) continue;
    const values = items.map(({ expression }) => {
      return isCount(expression) ? null : valueOf(expression, row, scope);
    });
    const name = shown(values.filter((_, at) => !isCount(items[at]?.expression)));
    const group = groups.get(name) ?? empty();
    groups.set(name, group);
    items.forEach(({ expression }, at) => {
      const before = group[at];
      if (!isCount(expression)) group[at] = values[at] ?? null;
      else if (typeof before === "bigint") group[at] = before + counts(expression, row, scope);
    });
  }
  yield* groups.values();
}

function isCount(expression: Expression | undefined): boolean {
  return expression?.is === "call" && /^count(\(\*\))?$/.test(expression.function);
}

function counts(expression: Expression, row: Row, scope: Scope): bigint {
  const [counted] = expression.is === "call" ? expression.arguments : [];
  return counted === undefined || valueOf(counted, row, scope) !== null ? 1n : 0n;
}

function* ordered(
  { items, order }: Statement,
  rows: Iterable<Row | null>,
  scope: Scope,
): Generator<Tick> {
  const found: { values: readonly GraphValue[]; by: readonly GraphValue[] }[] = [];
  for (const row of rows) {
    yield null;
    if (row === null) continue;
    const values = items.map(({ expression }) => valueOf(expression, row, scope));
    const named = new Map([...row, ...items.map(({ name }, at) => [name, values[at]] as const)]);
    found.push({ values, by: order.map(({ by }) => valueOf(by, named as Row, scope)) });
  }
  found.sort((a, b) => {
    const differences = order.map(({ descending }, at) => {
      const difference = compared(a.by[at] ?? null, b.by[at] ?? null);
      return descending ? -difference : difference;
    });
    return differences.find((difference) => difference !== 0) ?? 0;
  });
  for (const { values } of found) yield values;
}

function* bounded(rows: Iterable<Tick>, statement: Statement, scope: Scope): Generator<Tick> {
  const bound = (expression: Expression | null) => {
    const value = expression === null ? null : valueOf(expression, new Map(), scope);
    if (value !== null && typeof value !== "bigint") throw invalid("SKIP and LIMIT want INTEGERs");
    return value;
  };
  let skip = bound(statement.skip) ?? 0n;
  let left = bound(statement.limit);
  for (const row of rows) {
    if (left !== null && left <= 0n) return;
    if (row === null) yield null;
    else if (skip > 0n) skip--;
    else {
      if (left !== null) left--;
      yield row;
    }
  }
}
