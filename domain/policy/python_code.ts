import { defaultsOf } from "./bindings.ts";
import { Evaluation } from "./evaluation.ts";
import type { PolicyFinding, Report } from "./finding.ts";
import { Findings } from "./findings.ts";
import { NONE, part, type PythonNode } from "./python_tree.ts";
import {
  canonicalPath,
  isSpeltWalk,
  memberPath,
  moduleRule,
  pathRule,
  type Strictness,
} from "./rules.ts";
import type { Scope, Scopes } from "./scope.ts";
import { findScopes } from "./scopes.ts";
import { Waiting } from "./waiting.ts";
import type { Work } from "./work.ts";

/**
 * What the policy finds in a program, in the order of its text, at most `MAX_FINDINGS`.
 *
 * Yields where others should have a turn. With the work over, what was found until then and
 * `too-complex`.
 */
export function* inspectPython(
  root: PythonNode,
  text: string,
  strictness: Strictness,
  work: Work,
): Generator<void, readonly PolicyFinding[]> {
  const findings = new Findings();
  const scopes = yield* findScopes(root, work, findings.report);
  yield* new Inspection(scopes, strictness, findings.report, work).all(root);
  return yield* findings.placed(text, work);
}

/** The only finding of a program that could not be looked at. Yields as {@link inspectPython} does. */
export function* uncheckedFinding(
  rule: "unreadable" | "too-complex",
  at: number,
  text: string,
  work: Work,
): Generator<void, readonly PolicyFinding[]> {
  const end = text.indexOf("\n", at);
  const subject = text.slice(at, end === -1 ? undefined : end).trim().slice(0, 40);
  const findings = new Findings();
  findings.report(rule, at, subject);
  return yield* findings.placed(text, work);
}

interface Within {
  readonly scope: Scope;
  /** Whether it is assigned to, not read. */
  readonly target: boolean;
  /** Whether its parts have been visited. */
  readonly ready: boolean;
}

interface Visit extends Within {
  readonly node: PythonNode;
}

/** Visits every node after its parts, so that no chain of them is gone down at once. */
class Inspection {
  readonly #scopes: Scopes;
  readonly #strictness: Strictness;
  readonly #report: Report;
  readonly #evaluation: Evaluation;
  readonly #work: Work;
  readonly #waiting = new Waiting<Within>();
  /** Bodies of functions: what they name is known best when all else has been visited. */
  readonly #later = new Waiting<Within>();

  constructor(scopes: Scopes, strictness: Strictness, report: Report, work: Work) {
    this.#scopes = scopes;
    this.#strictness = strictness;
    this.#report = report;
    this.#work = work;
    this.#evaluation = new Evaluation(scopes, strictness, report, work);
  }

  *all(root: PythonNode): Generator<void, void> {
    const module = this.#scopes.get(root);
    if (module === undefined) return;
    const work = this.#work;
    this.#push(root.parts, module);
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { node, within } = next;
      if (work.isOver) return this.#report("too-complex", node.at, "what is from here on");
      if (within.ready) this.#evaluation.of(node, within.scope);
      else if (node.kind !== "none") this.#enter({ node, ...within });
      work.spend(1);
      if (work.isOverdue) this.#report("too-complex", node.at, "a chain of names");
      if (work.isDue) yield;
    }
  }

  #next() {
    return this.#waiting.pop() ?? this.#later.pop();
  }

  #push(nodes: readonly PythonNode[], scope: Scope, target = false): void {
    this.#waiting.push(nodes, { scope, target, ready: false });
  }

  #pushReady(node: PythonNode, scope: Scope): void {
    this.#waiting.push([node], { scope, target: false, ready: true });
  }

  #enter({ node, scope, target }: Visit): void {
    const inner = this.#scopes.get(node) ?? scope;
    switch (node.kind) {
      case "function": {
        const [decorators = NONE, params = NONE, rest = NONE, body = NONE] = node.parts;
        this.#later.push(body.parts, { scope: inner, target: false, ready: false });
        this.#push([decorators, ...defaultsOf(params), rest], scope);
        break;
      }
      case "class":
        this.#push(part(node, 2).parts, inner);
        this.#push([part(node, 0), part(node, 1)], scope);
        break;
      case "lambda":
        this.#push([part(node, 1)], inner);
        this.#push(defaultsOf(part(node, 0)), scope);
        break;
      case "comprehension":
        this.#comprehension(node, scope, inner);
        break;
      case "import":
      case "from":
        this.#import(node);
        break;
      case "scope":
        break;
      default:
        this.#plain(node, scope, target);
    }
  }

  #comprehension(node: PythonNode, scope: Scope, inner: Scope): void {
    this.#pushReady(node, scope);
    const [element = NONE, ...clauses] = node.parts;
    this.#push([element], inner);
    clauses.forEach((clause, index) => {
      this.#push([part(clause, 0)], inner, true);
      this.#push([part(clause, 1)], index === 0 ? scope : inner);
      this.#push([part(clause, 2)], inner);
    });
  }

  #plain(node: PythonNode, scope: Scope, target: boolean): void {
    const { parts } = node;
    if (node.kind === "name" && target) return;
    if (node.kind === "member_pattern" && isSpeltWalk(node.name)) {
      this.#report("dunder-walk", node.at, node.name);
    }
    const evaluated = EVALUATED.has(node.kind) && !target;
    if (evaluated) this.#pushReady(node, scope);
    const targets = target && (node.kind === "sequence" || node.kind === "spread")
      ? parts.length
      : TARGETS[node.kind]?.(parts.length) ?? 0;
    const atEnd = node.kind === "assign";
    const split = atEnd ? parts.length - targets : targets;
    if (split < parts.length) this.#push(split === 0 ? parts : parts.slice(split), scope, atEnd);
    if (split > 0) {
      this.#push(split === parts.length ? parts : parts.slice(0, split), scope, !atEnd);
    }
  }

  /** A module or function that is imported is told where its name stands. */
  #import(node: PythonNode): void {
    const relative = node.kind === "from" && node.value !== 0;
    if (relative) return;
    this.#work.spend(node.parts.length);
    const module = node.kind === "from" ? moduleRule(node.name, this.#strictness) : null;
    for (const imported of node.parts) {
      const path = node.kind === "from" ? memberPath(node.name, imported.name) : imported.name;
      const rule = pathRule(canonicalPath(path), this.#strictness);
      if (rule === null) continue;
      if (module !== null) this.#report(module, node.at, node.name);
      else this.#report(rule, imported.at, path.replace(/^builtins\./, ""));
    }
  }
}

const EVALUATED: ReadonlySet<string> = new Set([
  "name",
  "attribute",
  "call",
  "subscript",
  "format",
  "binary",
  "choice",
  "named",
  "sequence",
]);

/** How many of the first (of `assign`: the last) parts are assigned to. */
const TARGETS: Readonly<Record<string, (count: number) => number>> = {
  assign: (count) => count - 2,
  augment: () => 1,
  named: () => 1,
  bind: () => 1,
  for: () => 1,
  delete: (count) => count,
};
