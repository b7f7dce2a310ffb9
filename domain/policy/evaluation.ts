import { LOOKS } from "./bindings.ts";
import {
  type Call,
  callResult,
  combined,
  GETATTR,
  GETTERS,
  IMPORTERS,
  isLiteral,
  isSuper,
  listed,
  mostTelling,
  orUnknown,
  PATH,
  textsOf,
  together,
} from "./calls.ts";
import type { Report } from "./finding.ts";
import { Members } from "./members.ts";
import { isForbiddenOpen } from "./opens.ts";
import { type NodeKind, NONE, part, type PythonNode } from "./python_tree.ts";
import {
  canonicalPath,
  isClassFact,
  isSpeltWalk,
  isWalk,
  memberPath,
  type Strictness,
} from "./rules.ts";
import type { Origin, Scope, Scopes } from "./scope.ts";
import { itemAt, sliceOf, takenFrom } from "./taking.ts";
import { textMethod, textOf } from "./texts.ts";
import { distinct, MAX_VALUES, sizeOf, type Value } from "./values.ts";
import type { Work } from "./work.ts";

/** Steps from one expression to another that are followed at once. */
const MAX_STEPS = 120;

/** What is told again sooner than it is looked up. */
const LEAVES: ReadonlySet<NodeKind> = new Set<NodeKind>(["text", "number", "group", "none"]);

type Values = readonly Value[];

const NOTHING: Values = [];

/**
 * Tells what expressions may be, each once, and reports those that become something forbidden.
 *
 * A thing is reported where it is first named: what is known by a variable that was given it is not
 * reported again.
 */
export class Evaluation {
  readonly #scopes: Scopes;
  readonly #members: Members;
  readonly #report: Report;
  readonly #work: Work;
  readonly #values = new Map<PythonNode, Values>();
  readonly #names = new Map<Scope, Map<string, Values>>();
  #steps = 0;

  constructor(scopes: Scopes, strictness: Strictness, report: Report, work: Work) {
    this.#scopes = scopes;
    this.#members = new Members({ strictness, report, work }, (name, at) => this.#global(name, at));
    this.#report = report;
    this.#work = work;
  }

  /** What an expression in that scope may be; nothing is said of what cannot be told. */
  of(node: PythonNode, scope: Scope): Values {
    if (LEAVES.has(node.kind)) return this.#evaluate(node, scope);
    const known = this.#values.get(node);
    if (known !== undefined) return known;
    // What leads back to itself says nothing.
    this.#values.set(node, NOTHING);
    this.#work.spend(1 + node.parts.length / LOOKS);
    if (this.#steps >= MAX_STEPS || this.#work.isOverdue) {
      this.#report("too-complex", node.at, "a chain of names");
      return NOTHING;
    }
    this.#steps += 1;
    const values = this.#distinct(this.#evaluate(node, scope));
    this.#steps -= 1;
    this.#values.set(node, values);
    return values;
  }

  #distinct(values: Values): Values {
    this.#work.spend(values.length / LOOKS);
    return distinct(values);
  }

  #evaluate(node: PythonNode, scope: Scope): Values {
    switch (node.kind) {
      case "name":
        return this.#name(node, scope);
      case "attribute":
        return this.#attribute(node, scope);
      case "call":
        return this.#call(node, scope);
      case "subscript":
        return this.#subscript(node, scope);
      case "text":
        return typeof node.value === "string" ? listed(textOf(node.value)) : NOTHING;
      case "number":
        return typeof node.value === "number" ? [{ kind: "number", value: node.value }] : NOTHING;
      case "format":
        return listed(together(node.parts.map((piece) => this.of(piece, scope))));
      case "binary":
        return this.#binary(node, scope);
      case "choice":
        return node.parts.slice(1).flatMap((option) => orUnknown(this.of(option, scope)));
      case "named":
        return this.of(part(node, 1), scope);
      case "sequence":
        return [{ kind: "items", items: node.parts.map((item) => this.of(item, scope)) }];
      case "lambda":
        return [{ kind: "lambda", node, scope }];
      case "comprehension": {
        const inner = this.#scopes.get(node);
        const element = part(part(node, 0), 0);
        return inner === undefined
          ? NOTHING
          : [{ kind: "items", items: [this.of(element, inner)] }];
      }
      default:
        return NOTHING;
    }
  }

  #name({ name, at }: PythonNode, scope: Scope): Values {
    const found: Value[] = [];
    let climbed = 0;
    for (let place: Scope | null = scope; place !== null; place = place.parent) {
      climbed += 1;
      if (climbed % LOOKS === 0) this.#work.spend(1);
      // A class's names are not those of its functions.
      if (place.kind === "class" && place !== scope) continue;
      const outer = place.elsewhere.get(name);
      const holder: Scope = outer ?? place;
      if (!holder.bindings.has(name)) continue;
      found.push(...this.#bound(name, holder));
      if (holder.hides(name, at, holder !== scope)) return found;
    }
    return [...found, ...this.#free(name, at, scope)];
  }

  /** What a name is that nothing in the program binds. */
  #free(name: string, at: number, scope: Scope): Values {
    if (name === "__builtins__") {
      this.#report("dunder-walk", at, name);
      return [{ kind: "path", path: "builtins", told: false }];
    }
    const starred = scope.module.stars.map((module) => {
      const told = this.#members.isForbidden(module);
      return this.#members.named(canonicalPath(`${module}.${name}`), at, told);
    });
    return [this.#members.named(canonicalPath(`builtins.${name}`), at, false), ...starred];
  }

  #bound(name: string, scope: Scope): Values {
    const names = this.#names.get(scope) ?? new Map<string, Values>();
    this.#names.set(scope, names);
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, NOTHING);
    const bindings = scope.bindings.get(name) ?? [];
    this.#work.spend(bindings.length / LOOKS);
    const values = this.#distinct(
      mostTelling(bindings).flatMap(({ origin }) => orUnknown(this.#origin(origin))),
    );
    names.set(name, values);
    return values;
  }

  #origin(origin: Origin): Values {
    switch (origin.how) {
      case "unknown":
        return NOTHING;
      case "module": {
        const told = this.#members.isForbidden(canonicalPath(origin.named));
        return [{ kind: "path", path: canonicalPath(origin.path), told }];
      }
      case "member": {
        const path = memberPath(canonicalPath(origin.module), origin.name);
        return [{ kind: "path", path, told: this.#members.isForbidden(path) }];
      }
      default:
        return takenFrom(origin, this.of(origin.node, origin.scope), this.#work);
    }
  }

  #attribute(node: PythonNode, scope: Scope): Values {
    const [object = NONE] = node.parts;
    const values = this.of(object, scope);
    if (isWalk(node.name) && !isSuper(object)) this.#report("dunder-walk", node.at, node.name);
    if (object.kind === "attribute" && object.name === "__class__" && !isClassFact(node.name)) {
      this.#report("dunder-walk", object.at, "__class__");
    }
    if (node.name === "__class__" && isLiteral(object)) {
      this.#report("dunder-walk", node.at, node.name);
    }
    return orUnknown(values).flatMap((value) => this.#members.member(value, node.name, node.at));
  }

  #subscript(node: PythonNode, scope: Scope): Values {
    const [object = NONE, key = NONE] = node.parts;
    const objects = this.of(object, scope);
    if (key.kind === "slice") {
      return objects.flatMap((value) => sliceOf(value, key, (bound) => this.of(bound, scope)));
    }
    const keys = this.of(key, scope);
    return orUnknown(objects).flatMap((value) => {
      return keys.flatMap((index) => this.#item(value, index, key.at));
    });
  }

  #item(value: Value, index: Value, at: number): Values {
    if (index.kind === "text" && value.kind === "path") {
      return this.#members.entry(value, index.text, at);
    }
    return index.kind === "number" ? itemAt(value, index.value) : NOTHING;
  }

  #global(name: string, at: number): Values {
    const module = this.#scopes.values().next().value;
    if (isSpeltWalk(name)) this.#report("dunder-walk", at, name);
    if (name === "__builtins__") return [{ kind: "path", path: "builtins", told: false }];
    if (module?.bindings.has(name)) return this.#bound(name, module);
    return [this.#members.named(`builtins.${name}`, at, false)];
  }

  #binary(node: PythonNode, scope: Scope): Values {
    const [lefts, rights] = [this.of(part(node, 0), scope), this.of(part(node, 1), scope)];
    this.#work.spend(lefts.length * rights.length + sizeOf(rights) * lefts.length / LOOKS);
    return lefts.flatMap((left) => {
      if (left.kind === "path") return left.path === PATH && node.name === "/" ? [left] : NOTHING;
      return rights.flatMap((right) => listed(combined(node.name, left, right)));
    });
  }

  #call(node: PythonNode, scope: Scope): Values {
    const [callee = NONE, ...args] = node.parts;
    const plain = args.filter(({ kind }) => kind !== "keyword" && kind !== "spread");
    const values = plain.map((arg) => this.of(arg, scope));
    const size = args.length + values.reduce((sum, each) => sum + sizeOf(each), 0);
    return this.of(callee, scope).flatMap((called) => {
      this.#work.spend(1 + size / LOOKS);
      if (this.#work.isOverdue) return NOTHING;
      switch (called.kind) {
        case "lambda":
          return this.of(part(called.node, 1), this.#scopes.get(called.node) ?? called.scope);
        case "getter":
          return this.#members.got(called, values[0] ?? NOTHING, callee.at);
        case "text_method": {
          const firsts = values.flatMap(([first]) => first ?? []);
          const whole = firsts.length === args.length;
          return whole ? listed(textMethod(called.text, called.method, firsts)) : NOTHING;
        }
        case "path":
          return this.#callPath(called, { node, plain, values, scope });
        default:
          return NOTHING;
      }
    });
  }

  #callPath(called: Extract<Value, { kind: "path" }>, call: Call): Values {
    const { path } = called;
    const callee = part(call.node, 0);
    const evaluated = (arg: PythonNode) => this.of(arg, call.scope);
    if (isForbiddenOpen(path, call.node.parts.slice(1), evaluated)) {
      this.#report("write-open", callee.at, path.replace(/^builtins\.|\(\)/g, ""));
    }
    const [first = NOTHING, second = NOTHING] = call.values;
    const at = (call.plain[1] ?? call.node).at;
    if (GETATTR.has(path)) {
      return orUnknown(first).flatMap((object) =>
        textsOf(second).flatMap((name) => this.#members.spelt(object, name, at))
      );
    }
    const of = GETTERS.get(path);
    if (of !== undefined) {
      return [{ kind: "getter", of, names: call.values.slice(0, MAX_VALUES).flatMap(textsOf) }];
    }
    const read = /^(.*)\.(get|pop|setdefault|__getitem__|__getattribute__)$/.exec(path);
    if (read !== null) {
      return this.#members.reading(called, read, first, (call.plain[0] ?? call.node).at);
    }
    if (IMPORTERS.has(path)) {
      return textsOf(first).map((name) => ({
        kind: "path",
        path: canonicalPath(name),
        told: false,
      }));
    }
    return callResult(path, call.values);
  }
}
