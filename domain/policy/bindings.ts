import { NONE, part, type PythonNode } from "./python_tree.ts";
import type { Origin, Scope } from "./scope.ts";
import { MAX_STRETCH, type Work } from "./work.ts";

/** Modules of which everything is imported; more are not followed. */
const MAX_STARS = 16;

/** Looks at a scope, or at what is known already, that count as one unit of work. */
export const LOOKS = 16;

/** Where a binding of a function's own name holds. */
export const ALWAYS = { from: 0, until: Infinity };

/** Makes a name another scope's, as `global` and `nonlocal` do. */
export function declare(scope: Scope, how: string, name: string, work: Work): void {
  work.spend(1);
  if (scope.kind === "module") return;
  if (how === "global") {
    scope.elsewhere.set(name, scope.module);
    return;
  }
  let outer = scope.parent;
  let climbed = 0;
  while (outer !== null && !(outer.kind === "function" && outer.bindings.has(name))) {
    outer = outer.parent;
    climbed += 1;
  }
  work.spend(climbed / LOOKS);
  if (outer !== null) scope.elsewhere.set(name, outer);
}

/** What a statement or expression binds in the scope that it stands in. */
export function bindPlain(node: PythonNode, scope: Scope, until: number, work: Work): void {
  const region = { from: node.end, until };
  work.spend(1);
  switch (node.kind) {
    case "assign": {
      const [value = NONE, annotation = NONE, ...targets] = node.parts;
      const how = value.kind === "none" ? "annotated" : "value";
      const from = value.kind === "none" ? annotation : value;
      for (const target of targets) {
        // A mere annotation binds a name in functions alone.
        const bare = value.kind === "none" && scope.kind !== "function";
        const place = bare ? { from: 0, until: 0 } : region;
        bindTarget(target, { how, node: from, scope, indexes: [] }, scope, place, work);
      }
      break;
    }
    case "augment":
      bindTarget(part(node, 0), { how: "unknown" }, scope, region, work);
      break;
    case "named": {
      const origin = { how: "value", node: part(node, 1), scope, indexes: [] } as const;
      bindTarget(part(node, 0), origin, scope.walrus, region, work);
      break;
    }
    case "bind": {
      const origin: Origin = node.name === "with"
        ? { how: "context", node: part(node, 1), scope, indexes: [] }
        : { how: "unknown" };
      bindTarget(part(node, 0), origin, scope, region, work);
      break;
    }
    case "delete":
      work.spend(node.parts.length);
      for (const { kind, name } of node.parts) if (kind === "name") scope.deleted.add(name);
      break;
    case "import":
    case "from":
      work.spend(node.parts.length);
      bindImported(node, scope, region);
  }
}

function bindImported(
  node: PythonNode,
  scope: Scope,
  region: { readonly from: number; readonly until: number },
): void {
  const relative = node.kind === "from" && node.value !== 0;
  for (const { name, value } of node.parts) {
    const [root = ""] = name.split(".");
    const bound = typeof value === "string" ? value : root;
    if (node.kind === "import") {
      scope.bind(bound, { how: "module", path: value === null ? root : name, named: name }, region);
    } else if (name === "*") {
      if (!relative && scope.module.stars.length < MAX_STARS) scope.module.stars.push(node.name);
    } else {
      const origin: Origin = relative
        ? { how: "unknown" }
        : { how: "member", module: node.name, name };
      scope.bind(bound, origin, region);
    }
  }
}

/** Binds a target, or every name in it; leaves off, with the work overdue, when there are too many. */
export function bindTarget(
  target: PythonNode,
  origin: Origin,
  scope: Scope,
  region: { readonly from: number; readonly until: number },
  work: Work,
): void {
  const waiting: { readonly node: PythonNode; readonly origin: Origin }[] = [{
    node: target,
    origin,
  }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node } = next;
    work.spend(1);
    if (work.isOverdue) return;
    if (node.kind === "name") scope.bind(node.name, next.origin, region);
    else if (node.kind === "spread") {
      waiting.push({ node: part(node, 0), origin: { how: "unknown" } });
    } else if (node.kind === "sequence") {
      const starred = node.parts.findIndex(({ kind }) => kind === "spread");
      work.spend(node.parts.length / LOOKS);
      for (const [index, item] of node.parts.slice(0, MAX_STRETCH).entries()) {
        // After a starred target nobody counts.
        const isCounted = starred === -1 || index <= starred;
        const from = isCounted ? itemOf(next.origin, index) : { how: "unknown" } as const;
        waiting.push({ node: item, origin: from });
      }
    }
  }
}

function itemOf(origin: Origin, index: number): Origin {
  if (!("indexes" in origin) || origin.indexes.length > 8) return { how: "unknown" };
  return { ...origin, indexes: [...origin.indexes, index] };
}

/** Binds parameters; their defaults and annotations belong to the scope outside. */
export function bindParams(params: PythonNode, inner: Scope, outer: Scope, work: Work): void {
  work.spend(params.parts.length);
  for (const { name, parts } of params.parts) {
    const [annotation = NONE, fallback = NONE] = parts;
    const all = { scope: outer, indexes: [] };
    // A default is what it may be; what callers give cannot be told.
    inner.bind(name, { how: "value", node: fallback, ...all }, ALWAYS);
    inner.bind(name, { how: "annotated", node: annotation, ...all }, ALWAYS);
  }
}

/** What of parameters is evaluated where the function is defined. */
export function defaultsOf(params: PythonNode): PythonNode[] {
  return params.parts.flatMap(({ parts }) => parts);
}
