import { ALWAYS, bindParams, bindPlain, bindTarget, declare, defaultsOf } from "./bindings.ts";
import type { Report } from "./finding.ts";
import { NONE, part, type PythonNode } from "./python_tree.ts";
import { Scope, type Scopes } from "./scope.ts";
import { Waiting } from "./waiting.ts";
import type { Work } from "./work.ts";

interface Within {
  readonly scope: Scope;
  /** Where the innermost block that need not be gone through ends. */
  readonly until: number;
}

interface Visit extends Within {
  readonly node: PythonNode;
}

/** What every visit works with. */
interface Search {
  readonly waiting: Waiting<Within>;
  readonly work: Work;
}

/**
 * Finds every scope and what is bound in it. Yields where others should have a turn; leaves off when
 * there is too much.
 */
export function* findScopes(root: PythonNode, work: Work, report: Report): Generator<void, Scopes> {
  const scopes = new Map<PythonNode, Scope>();
  const module = new Scope("module", null);
  scopes.set(root, module);
  const waiting = new Waiting<Within>();
  waiting.push(root.parts, { scope: module, until: Infinity });
  for (let next = waiting.pop(); next !== undefined && !work.isOver; next = waiting.pop()) {
    const { node, within } = next;
    const opened = enter({ ...within, node }, { waiting, work });
    if (opened !== null) scopes.set(node, opened);
    work.spend(1);
    if (work.isOverdue) report("too-complex", node.at, "a statement");
    if (work.isDue) yield;
  }
  return scopes;
}

/** Binds what the node binds and lets its parts wait; the scope that it opens. */
function enter(visit: Visit, search: Search): Scope | null {
  const { node, scope, until } = visit;
  const { waiting, work } = search;
  switch (node.kind) {
    case "function":
      return enterFunction(visit, search);
    case "lambda": {
      const inner = new Scope("function", scope);
      bindParams(part(node, 0), inner, scope, work);
      waiting.push(defaultsOf(part(node, 0)), { scope, until });
      waiting.push([part(node, 1)], { scope: inner, until: Infinity });
      return inner;
    }
    case "class":
      return enterClass(visit, search);
    case "comprehension":
      return enterComprehension(visit, search);
    case "block":
      waiting.push(node.parts, { scope, until: node.end });
      return null;
    case "for":
      enterFor(visit, search);
      return null;
    case "scope":
      for (const { name } of node.parts) {
        if (!work.isOverdue) declare(scope, node.name, name, work);
      }
      return null;
    default:
      bindPlain(node, scope, until, work);
      waiting.push(node.parts, { scope, until });
      return null;
  }
}

function enterFunction({ node, scope, until }: Visit, { waiting, work }: Search): Scope {
  scope.bind(node.name, { how: "unknown" }, { from: node.end, until });
  const [decorators = NONE, params = NONE, rest = NONE, body = NONE] = node.parts;
  const inner = new Scope("function", scope);
  bindParams(params, inner, scope, work);
  waiting.push([decorators, ...defaultsOf(params), rest], { scope, until });
  // Its own names do not depend on how far it has come.
  waiting.push(body.parts, { scope: inner, until: Infinity });
  return inner;
}

function enterClass({ node, scope, until }: Visit, { waiting }: Search): Scope {
  scope.bind(node.name, { how: "unknown" }, { from: node.end, until });
  const inner = new Scope("class", scope);
  waiting.push([part(node, 0), part(node, 1)], { scope, until });
  waiting.push(part(node, 2).parts, { scope: inner, until: Infinity });
  return inner;
}

/** The first iterable is evaluated outside; a walrus within binds outside. */
function enterComprehension(visit: Visit, { waiting, work }: Search): Scope {
  const inner = new Scope("function", visit.scope, true);
  const [element = NONE, ...clauses] = visit.node.parts;
  clauses.forEach((clause, index) => {
    const [target = NONE, iterable = NONE, conditions = NONE] = clause.parts;
    const scope = index === 0 ? visit.scope : inner;
    bindTarget(target, { how: "each", node: iterable, scope, indexes: [] }, inner, ALWAYS, work);
    waiting.push([iterable], { scope, until: visit.until });
    waiting.push([conditions, target], { scope: inner, until: Infinity });
  });
  waiting.push([element], { scope: inner, until: Infinity });
  return inner;
}

function enterFor({ node, scope, until }: Visit, { waiting, work }: Search): void {
  const [target = NONE, iterable = NONE, body = NONE, otherwise = NONE] = node.parts;
  const region = { from: iterable.end, until: body.end };
  bindTarget(target, { how: "each", node: iterable, scope, indexes: [] }, scope, region, work);
  waiting.push([target, iterable, body, otherwise], { scope, until });
}
