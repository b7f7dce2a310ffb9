import { ALWAYS, bindParams, bindPlain, bindTarget, declare, defaultsOf } from "./bindings.ts";
import { NONE, part, type PythonNode } from "./python_tree.ts";
import { Scope, type Scopes } from "./scope.ts";

interface Visit {
  readonly node: PythonNode;
  readonly scope: Scope;
  /** Where the innermost block that need not be gone through ends. */
  readonly until: number;
}

/** Nodes between two pauses. */
const NODES_A_SLICE = 4000;

/** Finds every scope and what is bound in it. Yields now and then. */
export function* findScopes(root: PythonNode): Generator<void, Scopes> {
  const scopes = new Map<PythonNode, Scope>();
  const module = new Scope("module", null);
  scopes.set(root, module);
  const waiting: Visit[] = [];
  pushAll(waiting, root.parts, { scope: module, until: Infinity });
  let count = 0;
  for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
    const opened = enter(visit, waiting);
    if (opened !== null) scopes.set(visit.node, opened);
    count += 1;
    if (count % NODES_A_SLICE === 0) yield;
  }
  return scopes;
}

type Within = Pick<Visit, "scope" | "until">;

function pushAll(waiting: Visit[], nodes: readonly PythonNode[], within: Within): void {
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    waiting.push({ ...within, node: nodes[index] ?? NONE });
  }
}

/** Binds what the node binds and lets its parts wait; the scope that it opens. */
function enter(visit: Visit, waiting: Visit[]): Scope | null {
  const { node, scope, until } = visit;
  switch (node.kind) {
    case "function":
      return enterFunction(visit, waiting);
    case "lambda": {
      const inner = new Scope("function", scope);
      bindParams(part(node, 0), inner, scope);
      pushAll(waiting, defaultsOf(part(node, 0)), visit);
      pushAll(waiting, [part(node, 1)], { scope: inner, until: Infinity });
      return inner;
    }
    case "class":
      return enterClass(visit, waiting);
    case "comprehension":
      return enterComprehension(visit, waiting);
    case "block":
      pushAll(waiting, node.parts, { scope, until: node.end });
      return null;
    case "for":
      enterFor(visit, waiting);
      return null;
    case "scope":
      for (const { name } of node.parts) declare(scope, node.name, name);
      return null;
    default:
      bindPlain(node, scope, until);
      pushAll(waiting, node.parts, visit);
      return null;
  }
}

function enterFunction({ node, scope, until }: Visit, waiting: Visit[]): Scope {
  scope.bind(node.name, { how: "unknown" }, { from: node.end, until });
  const [decorators = NONE, params = NONE, rest = NONE, body = NONE] = node.parts;
  const inner = new Scope("function", scope);
  bindParams(params, inner, scope);
  pushAll(waiting, [decorators, ...defaultsOf(params), rest], { scope, until });
  // Its own names do not depend on how far it has come.
  pushAll(waiting, body.parts, { scope: inner, until: Infinity });
  return inner;
}

function enterClass({ node, scope, until }: Visit, waiting: Visit[]): Scope {
  scope.bind(node.name, { how: "unknown" }, { from: node.end, until });
  const inner = new Scope("class", scope);
  pushAll(waiting, [part(node, 0), part(node, 1)], { scope, until });
  pushAll(waiting, part(node, 2).parts, { scope: inner, until: Infinity });
  return inner;
}

/** The first iterable is evaluated outside; a walrus within binds outside. */
function enterComprehension(visit: Visit, waiting: Visit[]): Scope {
  const inner = new Scope("function", visit.scope, true);
  const [element = NONE, ...clauses] = visit.node.parts;
  clauses.forEach((clause, index) => {
    const [target = NONE, iterable = NONE, conditions = NONE] = clause.parts;
    const scope = index === 0 ? visit.scope : inner;
    bindTarget(target, { how: "each", node: iterable, scope, indexes: [] }, inner, ALWAYS);
    pushAll(waiting, [iterable], { ...visit, scope });
    pushAll(waiting, [conditions, target], { scope: inner, until: Infinity });
  });
  pushAll(waiting, [element], { scope: inner, until: Infinity });
  return inner;
}

function enterFor({ node, scope, until }: Visit, waiting: Visit[]): void {
  const [target = NONE, iterable = NONE, body = NONE, otherwise = NONE] = node.parts;
  const region = { from: iterable.end, until: body.end };
  bindTarget(target, { how: "each", node: iterable, scope, indexes: [] }, scope, region);
  pushAll(waiting, [target, iterable, body, otherwise], { scope, until });
}
