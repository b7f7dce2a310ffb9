import type { PythonNode } from "./python_tree.ts";

/** How a name gets its value. */
export type Origin =
  /** From an expression, an item of one (`index`), or each item in turn (`each`). */
  | {
    readonly how: "value" | "each" | "annotated" | "context";
    readonly node: PythonNode;
    readonly scope: Scope;
    readonly indexes: readonly number[];
  }
  /** `named`: what was imported, of which `path` may be only the first part. */
  | { readonly how: "module"; readonly path: string; readonly named: string }
  | { readonly how: "member"; readonly module: string; readonly name: string }
  | { readonly how: "unknown" };

/** One place where a name is bound. */
export interface Binding {
  readonly origin: Origin;
  /** From here to `until` the name is certainly bound; both are offsets. */
  readonly from: number;
  readonly until: number;
}

/** Bindings of a name that are looked at to tell where it is certainly bound. */
const MAX_REGIONS = 32;

/** A part of the program with names of its own. */
export class Scope {
  readonly kind: "module" | "function" | "class";
  readonly parent: Scope | null;
  readonly bindings = new Map<string, Binding[]>();
  /** Names that are those of another scope, by `global` and `nonlocal`. */
  readonly elsewhere = new Map<string, Scope | null>();
  readonly deleted = new Set<string>();
  /** Modules all of whose names were imported. */
  readonly stars: string[] = [];

  /** Where a walrus binds: a comprehension's does so outside of it. */
  readonly walrus: Scope;
  /** The scope of the whole program. */
  readonly module: Scope;

  constructor(kind: Scope["kind"], parent: Scope | null, isComprehension = false) {
    this.kind = kind;
    this.parent = parent;
    this.module = parent === null ? this : parent.module;
    this.walrus = isComprehension && parent !== null ? parent.walrus : this;
  }

  /** Keeps a binding where the name belongs. */
  bind(
    name: string,
    origin: Origin,
    region: { readonly from: number; readonly until: number },
  ): void {
    const target = this.elsewhere.get(name);
    // Whether and when a function that binds another's name is called cannot be told.
    const place = target === undefined ? region : { from: 0, until: 0 };
    const { bindings } = target ?? this;
    const before = bindings.get(name);
    if (before === undefined) bindings.set(name, [{ origin, ...place }]);
    else before.push({ origin, ...place });
  }

  /**
   * Whether a name that is bound here has that value, and no outer one, at that place. In a function it
   * always has; a module's and a class's names are looked up further out until they are bound.
   */
  hides(name: string, at: number, fromWithin: boolean): boolean {
    const bindings = this.bindings.get(name);
    if (bindings === undefined) return false;
    if (this.kind === "function") return true;
    if (this.deleted.has(name)) return false;
    return bindings.slice(0, MAX_REGIONS).some(({ from, until }) => {
      return (fromWithin && until === Infinity) || (at >= from && at < until);
    });
  }
}

/** Scopes by the node that makes each: the root, functions, classes, lambdas, comprehensions. */
export type Scopes = ReadonlyMap<PythonNode, Scope>;
