import { Evaluation } from "./evaluation.ts";
import { MAX_FINDINGS, type PolicyFinding, type PolicyRule, type Report } from "./finding.ts";
import { NONE, part, type PythonNode } from "./python_tree.ts";
import {
  canonicalPath,
  isSpeltWalk,
  memberPath,
  messageOf,
  moduleRule,
  pathRule,
  type Strictness,
} from "./rules.ts";
import type { Scope, Scopes } from "./scope.ts";
import { findScopes } from "./scopes.ts";

/** Nodes between two pauses. */
const NODES_A_SLICE = 2000;

interface Told {
  readonly rule: PolicyRule;
  readonly at: number;
  readonly subject: string;
}

/**
 * What the policy finds in a program, in the order of its text, at most {@link MAX_FINDINGS}.
 *
 * Yields after every few milliseconds of work, so that the caller can give others their turn. The time
 * is bounded by the number of nodes.
 */
export function* inspectPython(
  root: PythonNode,
  text: string,
  strictness: Strictness,
): Generator<void, readonly PolicyFinding[]> {
  const told = new Map<string, Told>();
  const report = (rule: PolicyRule, at: number, subject: string) => {
    // That something was not followed is said once, whatever else there is of it.
    const key = rule === "too-complex" ? rule : `${at} ${rule}`;
    if (!told.has(key)) told.set(key, { rule, at, subject });
  };
  const scopes = yield* findScopes(root);
  const inspection = new Inspection(scopes, strictness, report);
  yield* inspection.all(root);
  const first = [...told.values()].sort((left, right) => left.at - right.at).slice(0, MAX_FINDINGS);
  return placed(first, text);
}

/** The only finding of a program that could not be looked at. */
export function uncheckedFinding(
  rule: "unreadable" | "too-complex",
  at: number,
  text: string,
): readonly PolicyFinding[] {
  const end = text.indexOf("\n", at);
  const subject = text.slice(at, end === -1 ? undefined : end).trim().slice(0, 40);
  return placed([{ rule, at, subject }], text);
}

function placed(all: readonly Told[], text: string): readonly PolicyFinding[] {
  let line = 1;
  let lineStart = 0;
  return all.map(({ rule, at, subject }) => {
    for (let end = text.indexOf("\n", lineStart); end !== -1 && end < at;) {
      line += 1;
      lineStart = end + 1;
      end = text.indexOf("\n", lineStart);
    }
    const column = codePoints(text, lineStart, at) + 1;
    return { rule, line, column, message: messageOf(rule, subject) };
  });
}

function codePoints(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; count += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

interface Visit {
  readonly node: PythonNode;
  readonly scope: Scope;
  /** Whether it is assigned to, not read. */
  readonly target: boolean;
  /** Whether its parts have been visited. */
  readonly ready: boolean;
}

/** Visits every node after its parts, so that no chain of them is gone down at once. */
class Inspection {
  readonly #scopes: Scopes;
  readonly #strictness: Strictness;
  readonly #report: Report;
  readonly #evaluation: Evaluation;
  readonly #waiting: Visit[] = [];

  constructor(scopes: Scopes, strictness: Strictness, report: Report) {
    this.#scopes = scopes;
    this.#strictness = strictness;
    this.#report = report;
    this.#evaluation = new Evaluation(scopes, strictness, report);
  }

  *all(root: PythonNode): Generator<void, void> {
    const module = this.#scopes.get(root);
    if (module === undefined) return;
    this.#push(root.parts, module);
    let count = 0;
    for (let visit = this.#waiting.pop(); visit !== undefined; visit = this.#waiting.pop()) {
      if (visit.ready) this.#evaluation.of(visit.node, visit.scope);
      else this.#enter(visit);
      count += 1;
      if (count % NODES_A_SLICE === 0) yield;
    }
  }

  #push(nodes: readonly PythonNode[], scope: Scope, target = false): void {
    for (let index = nodes.length - 1; index >= 0; index -= 1) {
      const node = nodes[index];
      if (node !== undefined && node.kind !== "none") {
        this.#waiting.push({ node, scope, target, ready: false });
      }
    }
  }

  #enter({ node, scope, target }: Visit): void {
    const inner = this.#scopes.get(node) ?? scope;
    switch (node.kind) {
      case "function": {
        const [decorators = NONE, params = NONE, rest = NONE, body = NONE] = node.parts;
        this.#push(body.parts, inner);
        this.#push([decorators, ...params.parts.flatMap(({ parts }) => parts), rest], scope);
        break;
      }
      case "class":
        this.#push(part(node, 2).parts, inner);
        this.#push([part(node, 0), part(node, 1)], scope);
        break;
      case "lambda":
        this.#push([part(node, 1)], inner);
        this.#push(part(node, 0).parts.flatMap(({ parts }) => parts), scope);
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
    this.#waiting.push({ node, scope, target: false, ready: true });
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
    if (evaluated) this.#waiting.push({ node, scope, target, ready: true });
    const targets = target && (node.kind === "sequence" || node.kind === "spread")
      ? parts.length
      : TARGETS[node.kind]?.(parts.length) ?? 0;
    const atEnd = node.kind === "assign";
    const split = atEnd ? parts.length - targets : targets;
    this.#push(parts.slice(split), scope, atEnd);
    this.#push(parts.slice(0, split), scope, !atEnd);
  }

  /** A module or function that is imported is told where its name stands. */
  #import(node: PythonNode): void {
    const relative = node.kind === "from" && node.value !== 0;
    if (relative) return;
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
