import { DomainError } from "../../domain/errors.ts";
import type { PropertyScalar } from "../../domain/graph/value.ts";
import { type Token, tokensOf } from "./graph_tokens.ts";

/** What stands for a value. */
export type Expression =
  | { readonly is: "literal"; readonly value: PropertyScalar | null }
  | { readonly is: "parameter"; readonly name: string }
  | { readonly is: "variable"; readonly name: string }
  | { readonly is: "property"; readonly of: Expression; readonly name: string }
  | { readonly is: "call"; readonly function: string; readonly arguments: readonly Expression[] }
  | { readonly is: "list"; readonly items: readonly Expression[] }
  | { readonly is: "map"; readonly entries: readonly Entry[] };

/** A name with its value, as in `{name: value}`. */
export type Entry = readonly [name: string, value: Expression];

/** One part of a pattern, `(name:Label {entries})` or `-[name:TYPE {entries}]->`. */
export interface PatternPart {
  readonly variable: string | null;
  readonly names: readonly string[];
  readonly entries: readonly Entry[];
}

/** A relationship of a pattern: `left` is `<--`, `either` is `--`. */
export interface Step extends PatternPart {
  readonly direction: "left" | "right" | "either";
}

/** `path = (node)-[step]->(node)…`: one node more than steps. */
export interface Pattern {
  readonly path: string | null;
  readonly nodes: readonly PatternPart[];
  readonly steps: readonly Step[];
}

/** What makes rows of rows. */
export type Clause =
  | { readonly is: "match"; readonly patterns: readonly Pattern[] }
  | { readonly is: "where"; readonly conditions: readonly Condition[] }
  | { readonly is: "unwind"; readonly list: Expression; readonly variable: string };

/** `left operator right`. */
export interface Condition {
  readonly left: Expression;
  readonly operator: string;
  readonly right: Expression;
}

/** A column. */
export interface Item {
  readonly name: string;
  readonly expression: Expression;
}

/** `(MATCH … [WHERE …] | UNWIND … AS x)* RETURN … [ORDER BY …] [SKIP n] [LIMIT n]`. */
export interface Statement {
  readonly clauses: readonly Clause[];
  readonly items: readonly Item[];
  readonly order: readonly { readonly by: Expression; readonly descending: boolean }[];
  readonly skip: Expression | null;
  readonly limit: Expression | null;
  /** Whether it calls nothing that answers differently each time. */
  readonly repeatable: boolean;
}

const WRITING = new Set(
  "CREATE MERGE DELETE DETACH SET REMOVE DROP FOREACH LOAD ALTER GRANT DENY REVOKE START STOP TERMINATE"
    .split(" "),
);
const CHANGING = new Set(["rand", "timestamp", "randomuuid"]);
const CONSTANTS = new Map([["TRUE", true], ["FALSE", false], ["NULL", null]]);

/**
 * Reads a statement of the few forms that the fake knows.
 *
 * @throws {DomainError} `query_not_read_only` if a word of it writes, else `query_invalid` with the place.
 */
export function parseStatement(text: string): Statement {
  const tokens = tokensOf(text);
  const writing = tokens.find(({ is, text, quoted }) => {
    return is === "word" && !quoted && WRITING.has(text.toUpperCase());
  });
  if (writing !== undefined) {
    throw new DomainError({ code: "query_not_read_only", reason: `'${writing.text}'` });
  }
  return new Parser(tokens).statement();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #repeatable = true;
  readonly #defined = new Set<string>();
  readonly #used: Token[] = [];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  statement(): Statement {
    const clauses: Clause[] = [];
    while (!this.#takes("RETURN")) clauses.push(...this.#clause());
    const items = this.#separated(() => this.#item());
    const order = this.#takes("ORDER") ? this.#ordering() : [];
    const skip = this.#takes("SKIP") ? this.#expression() : null;
    const limit = this.#takes("LIMIT") ? this.#expression() : null;
    this.#takes(";");
    if (this.#token.is !== "end") throw this.#unexpected("the end");
    const unknown = this.#used.find(({ text }) => !this.#defined.has(text));
    if (unknown !== undefined) throw refused(`'${unknown.text}' is not defined`, unknown);
    return { clauses, items, order, skip, limit, repeatable: this.#repeatable };
  }

  #clause(): Clause[] {
    if (this.#takes("UNWIND")) {
      const list = this.#expression();
      this.#expect("AS");
      return [{ is: "unwind", list, variable: this.#definedName() }];
    }
    this.#expect("MATCH");
    const match: Clause = { is: "match", patterns: this.#separated(() => this.#pattern()) };
    if (!this.#takes("WHERE")) return [match];
    const conditions = [this.#condition()];
    while (this.#takes("AND")) conditions.push(this.#condition());
    return [match, { is: "where", conditions }];
  }

  #condition(): Condition {
    const left = this.#expression();
    const operator = ["=", "<>", "<=", ">=", "<", ">"].find((sign) => this.#takes(sign));
    if (operator === undefined) throw this.#unexpected("a comparison");
    return { left, operator, right: this.#expression() };
  }

  #pattern(): Pattern {
    const path = this.#token.is === "word" ? this.#definedName() : null;
    if (path !== null) this.#expect("=");
    const nodes = [this.#node()];
    const steps: Step[] = [];
    while (this.#sees("-") || this.#sees("<")) {
      steps.push(this.#step());
      nodes.push(this.#node());
    }
    return { path, nodes, steps };
  }

  #node(): PatternPart {
    this.#expect("(");
    const part = this.#part(")");
    this.#expect(")");
    return part;
  }

  #step(): Step {
    const left = this.#takes("<");
    this.#expect("-");
    const nothing: PatternPart = { variable: null, names: [], entries: [] };
    const bracketed = this.#takes("[");
    const part = bracketed ? this.#part("]") : nothing;
    if (bracketed) this.#expect("]");
    this.#expect("-");
    const right = !left && this.#takes(">");
    return { ...part, direction: left ? "left" : right ? "right" : "either" };
  }

  #part(end: string): PatternPart {
    const named = this.#token.is === "word" && !this.#sees(end);
    const variable = named ? this.#definedName() : null;
    const names: string[] = [];
    while (this.#takes(":")) names.push(this.#name());
    return { variable, names, entries: this.#sees("{") ? this.#entries() : [] };
  }

  #item(): Item {
    const from = this.#at;
    const expression = this.#expression();
    const written = this.#tokens.slice(from, this.#at).map(({ text }) => text).join("");
    return { expression, name: this.#takes("AS") ? this.#definedName() : written };
  }

  #ordering(): Statement["order"] {
    this.#expect("BY");
    return this.#separated(() => {
      const by = this.#expression();
      const descending = this.#takes("DESC");
      if (!descending) this.#takes("ASC");
      return { by, descending };
    });
  }

  #expression(): Expression {
    let expression = this.#atom();
    while (this.#takes(".")) expression = { is: "property", of: expression, name: this.#name() };
    return expression;
  }

  #atom(): Expression {
    const token = this.#token;
    if (token.is === "value") {
      this.#at++;
      return { is: "literal", value: token.value };
    }
    if (this.#takes("$")) return { is: "parameter", name: this.#name() };
    if (this.#takes("[")) return { is: "list", items: this.#until("]") };
    if (this.#sees("{")) return { is: "map", entries: this.#entries() };
    const constant = token.quoted ? undefined : CONSTANTS.get(token.text.toUpperCase());
    const name = this.#name();
    if (constant !== undefined) return { is: "literal", value: constant };
    if (!this.#takes("(")) {
      this.#used.push(token);
      return { is: "variable", name };
    }
    const called = name.toLowerCase();
    if (CHANGING.has(called)) this.#repeatable = false;
    if (!this.#takes("*")) return { is: "call", function: called, arguments: this.#until(")") };
    this.#expect(")");
    return { is: "call", function: `${called}(*)`, arguments: [] };
  }

  #until(end: string): Expression[] {
    if (this.#takes(end)) return [];
    const found = this.#separated(() => this.#expression());
    this.#expect(end);
    return found;
  }

  #entries(): Entry[] {
    this.#expect("{");
    if (this.#takes("}")) return [];
    const entries = this.#separated((): Entry => {
      const name = this.#name();
      this.#expect(":");
      return [name, this.#expression()];
    });
    this.#expect("}");
    return entries;
  }

  #separated<T>(part: () => T): T[] {
    const parts = [part()];
    while (this.#takes(",")) parts.push(part());
    return parts;
  }

  #name(): string {
    const token = this.#token;
    if (token.is !== "word") throw this.#unexpected("a name");
    this.#at++;
    return token.text;
  }

  #definedName(): string {
    const name = this.#name();
    this.#defined.add(name);
    return name;
  }

  get #token(): Token {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("no token, not even the end");
    return token;
  }

  /** Whether this word, in any case, or this sign is next. */
  #sees(text: string): boolean {
    const token = this.#token;
    if (token.quoted) return false;
    return token.is === "word" ? token.text.toUpperCase() === text : token.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(`'${text}'`);
  }

  #unexpected(expected: string): DomainError {
    return refused(`expected ${expected}, found '${this.#token.text}'`, this.#token);
  }
}

function refused(message: string, { line, column }: Token): DomainError {
  return new DomainError({ code: "query_invalid", message, line, column });
}
