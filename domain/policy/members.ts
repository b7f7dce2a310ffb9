import { GLOBALS, memberResult, orUnknown, UNKNOWN_VALUE } from "./calls.ts";
import type { Report } from "./finding.ts";
import { canonicalPath, isSpeltWalk, memberPath, pathRule, type Strictness } from "./rules.ts";
import type { Value } from "./values.ts";
import type { Work } from "./work.ts";

type Values = readonly Value[];

const NOTHING: Values = [];

/** Units of work that looking a path up among the rules counts for. */
const MEMBER = 5;

/** Tells what members of things are, and reports those that are forbidden. */
export class Members {
  readonly #strictness: Strictness;
  readonly #report: Report;
  readonly #work: Work;
  readonly #own: (name: string, at: number) => Values;

  /** `own` tells what the program's own names are. */
  constructor(
    { strictness, report, work }: {
      readonly strictness: Strictness;
      readonly report: Report;
      readonly work: Work;
    },
    own: (name: string, at: number) => Values,
  ) {
    this.#strictness = strictness;
    this.#report = report;
    this.#work = work;
    this.#own = own;
  }

  /** A member of what is known; reported when it is the first of its kind. */
  member(value: Value, name: string, at: number): Values {
    if (value.kind === "text") return [{ kind: "text_method", text: value.text, method: name }];
    if (value.kind !== "path") return this.member(UNKNOWN_VALUE, name, at);
    const owner = name === "__self__" ? ownerOf(value.path) : null;
    if (owner !== null) {
      this.#report("dunder-walk", at, name);
      return [{ kind: "path", path: owner, told: false }];
    }
    return [this.named(memberResult(memberPath(value.path, name)), at, value.told)];
  }

  /** What is known by that path; reported unless it was told before. */
  named(path: string, at: number, told: boolean): Value {
    this.#work.spend(MEMBER);
    const rule = pathRule(path, this.#strictness);
    if (rule === null) return { kind: "path", path, told: false };
    if (!told) this.#report(rule, at, path.replace(/^builtins\./, ""));
    return { kind: "path", path, told: true };
  }

  /** Whether a rule minds what is known by that path. */
  isForbidden(path: string): boolean {
    this.#work.spend(MEMBER);
    return pathRule(path, this.#strictness) !== null;
  }

  /** What a dictionary of names has under one: of modules, of a module's or object's members. */
  entry(value: Extract<Value, { kind: "path" }>, name: string, at: number): Values {
    const { path } = value;
    if (path === "sys.modules") return [this.named(canonicalPath(name), at, false)];
    if (path === "builtins") return this.spelt(value, name, at);
    if (path === GLOBALS) return this.#own(name, at);
    const suffix = ".__dict__";
    if (!path.endsWith(suffix)) return NOTHING;
    return this.spelt({ ...value, path: path.slice(0, -suffix.length) }, name, at);
  }

  /** A member whose name is spelt by a text; `a.b` is a member's member. */
  spelt(value: Value, name: string, at: number): Values {
    let values: Values = [value];
    for (const word of name.split(".").slice(0, 8)) {
      if (isSpeltWalk(word)) this.#report("dunder-walk", at, word);
      values = values.flatMap((value) => this.member(value, word, at));
    }
    return values;
  }

  /** What a reader of members or items reads from these. */
  got(getter: Extract<Value, { kind: "getter" }>, objects: Values, at: number): Values {
    return orUnknown(objects).flatMap((object) =>
      getter.names.flatMap((name) => {
        if (getter.of === "member") return this.spelt(object, name, at);
        return object.kind === "path" ? this.entry(object, name, at) : NOTHING;
      })
    );
  }

  /** What a method that reads an item by its key gives. */
  reading(
    called: Extract<Value, { kind: "path" }>,
    [, owner = "", method]: RegExpExecArray,
    keys: Values,
    at: number,
  ): Values {
    const value = { ...called, path: owner };
    return keys.flatMap((key) => {
      if (key.kind !== "text") return NOTHING;
      return method === "__getattribute__"
        ? this.spelt(value, key.text, at)
        : this.entry(value, key.text, at);
    });
  }
}

/** The module whose built-in function it is: `print.__self__` is `builtins`. */
function ownerOf(path: string): string | null {
  return /^(builtins|os)\.\w+$/.exec(path)?.[1] ?? null;
}
