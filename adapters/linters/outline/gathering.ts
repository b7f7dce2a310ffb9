import type {
  FoundClass,
  FoundFunction,
  FoundImport,
  Outline,
  SyntaxFault,
} from "../../../domain/lint/report.ts";
import { Places } from "./places.ts";

/** UTF-16 units that a name may have; of a longer one the beginning is kept. */
const MAX_NAME = 200;
/** UTF-16 units of what stands before a name: a longer path is not told, or all would grow together. */
const MAX_PATH = 300;
/** Stands for what is left out of a name. */
const LEFT_OUT = "…";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Scope {
  /** With the names of the scopes around it and a dot behind, empty at the top. */
  readonly path: string;
  /** What the decisions in it count for; `null` where that is the whole text alone. */
  readonly counted: Mutable<FoundFunction> | null;
  /** What ends with it. */
  readonly found: Mutable<FoundFunction> | Mutable<FoundClass> | null;
  /** Of a class: the names of its methods. */
  readonly methods: Set<string> | null;
}

/** A function, method or class where it begins. */
export interface Definition {
  /** As it is written. */
  readonly name: string;
  /** Offset of the word that begins it. */
  readonly at: number;
}

/** A function or method where it begins. */
export interface FunctionDefinition extends Definition {
  readonly async: boolean;
  /** Whether it is a method of the class that is open. */
  readonly isMethod: boolean;
}

/** Puts an outline together while somebody walks through a tree, in the order of the text. */
export class Gathering {
  readonly #places: Places;
  readonly #functions: FoundFunction[] = [];
  readonly #classes: FoundClass[] = [];
  readonly #imports: FoundImport[] = [];
  readonly #scopes: Scope[] = [{ path: "", counted: null, found: null, methods: null }];
  #decisions = 0;

  constructor(text: string) {
    this.#places = new Places(text);
  }

  /** Whether what stands here stands in a class, and in no function of it. */
  get isInClass(): boolean {
    return this.#top.methods !== null;
  }

  enterFunction({ name, at, async, isMethod }: FunctionDefinition): void {
    if (isMethod) this.addMethod(name);
    const path = this.#top.path + shortened(name);
    const place = this.#places.at(at);
    const found = { name: path, ...place, endLine: place.line, complexity: 1, async };
    this.#functions.push(found);
    this.#scopes.push({ path: behind(path), counted: found, found, methods: null });
  }

  enterClass({ name, at }: Definition): void {
    const path = this.#top.path + shortened(name);
    const place = this.#places.at(at);
    const found = { name: path, ...place, endLine: place.line, methods: [] };
    this.#classes.push(found);
    const { counted } = this.#top;
    this.#scopes.push({ path: behind(path), counted, found, methods: new Set() });
  }

  /** Enters a function that has no name, or what else is no class: what it decides counts for what is around it. */
  enterNameless(): void {
    this.#scopes.push({ ...this.#top, found: null, methods: null });
  }

  /** Leaves what was entered last; `end` is the offset behind its last character. */
  leave(end: number): void {
    const { found, methods } = this.#top;
    this.#scopes.pop();
    if (found === null) return;
    found.endLine = this.#places.at(Math.max(end - 1, 0)).line;
    if (methods !== null && "methods" in found) found.methods = [...methods];
  }

  /** Notes a method of the class that is open; without one, nothing. */
  addMethod(name: string): void {
    this.#top.methods?.add(shortened(name));
  }

  /** Counts decisions where it stands. */
  decide(count = 1): void {
    this.#decisions += count;
    const { counted } = this.#top;
    if (counted !== null) counted.complexity += count;
  }

  /** Notes an import whose statement begins at that offset. */
  import(module: string, names: readonly string[], at: number): void {
    this.#imports.push({
      module: shortened(module),
      names: names.map(shortened),
      line: this.#places.at(at).line,
    });
  }

  /** What has been gathered. `fault` is the first syntax error, at an offset. */
  outline(fault: { readonly at: number; readonly message: string } | null): Outline {
    const syntaxError: SyntaxFault | null = fault === null
      ? null
      : { ...this.#places.at(fault.at), message: fault.message };
    return {
      functions: this.#functions,
      classes: this.#classes,
      imports: this.#imports,
      complexity: 1 + this.#decisions,
      syntaxError,
    };
  }

  get #top(): Scope {
    const top = this.#scopes.at(-1);
    if (top === undefined) throw new Error("Cannot leave the text: more was left than entered");
    return top;
  }
}

function behind(path: string): string {
  return path.length > MAX_PATH ? `${LEFT_OUT}.` : `${path}.`;
}

function shortened(name: string): string {
  if (name.length <= MAX_NAME) return name;
  // Not between the halves of a pair.
  const kept = name.slice(0, MAX_NAME - 1).replace(/[\ud800-\udbff]$/, "");
  return kept + LEFT_OUT;
}

/** What is wrong, told by what stands at the offset. */
export function unexpected(text: string, at: number): string {
  if (at >= text.length) return "Unexpected end of the text";
  const [token = ""] = /^(?:[\p{L}\p{N}_$]{1,40}|\r|\n|[^])/u.exec(text.slice(at, at + 200)) ?? [];
  return token === "\n" || token === "\r"
    ? "Unexpected end of a line"
    : `Unexpected ${JSON.stringify(token)}`;
}
