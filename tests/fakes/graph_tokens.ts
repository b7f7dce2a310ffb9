import { DomainError } from "../../domain/errors.ts";
import type { PropertyScalar } from "../../domain/graph/value.ts";

/** A word, sign or literal of a statement, with its place in the text, counted from 1. */
export interface Token {
  readonly is: "word" | "sign" | "value" | "end";
  readonly text: string;
  /** Whether it stood in quotes of either kind: then it is never a word of the language. */
  readonly quoted: boolean;
  /** A literal's value, else `null`. */
  readonly value: PropertyScalar | null;
  readonly line: number;
  readonly column: number;
}

const SHAPES: readonly [kind: string, shape: RegExp][] = [
  ["space", /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y],
  ["number", /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ["string", /'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"/y],
  ["name", /`[^`]+`/y],
  ["word", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["sign", /<>|<=|>=|[()[\]{}:,.$=<>;*-]/y],
];
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** The tokens of a statement, the last of which is its end. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const [kind, found] = nextIn(text, at);
    if (kind !== "space") tokens.push({ ...tokenOf(kind, found), ...placeOf(text, at) });
    at += found.length;
  }
  const end = { is: "end" as const, text: "", quoted: false, value: null };
  return [...tokens, { ...end, ...placeOf(text, at) }];
}

function nextIn(text: string, at: number): [kind: string, found: string] {
  for (const [kind, shape] of SHAPES) {
    shape.lastIndex = at;
    const found = shape.exec(text)?.[0];
    if (found !== undefined) return [kind, found];
  }
  const message = `cannot read '${text.slice(at, at + 10)}'`;
  throw new DomainError({ code: "query_invalid", message, ...placeOf(text, at) });
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function tokenOf(kind: string, text: string): Omit<Token, "line" | "column"> {
  switch (kind) {
    case "number": {
      const value = /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
      return { is: "value", text, quoted: false, value };
    }
    case "string":
      return { is: "value", text, quoted: true, value: unescaped(text.slice(1, -1)) };
    case "name":
      return { is: "word", text: text.slice(1, -1), quoted: true, value: null };
    default:
      return { is: kind === "word" ? "word" : "sign", text, quoted: false, value: null };
  }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-f]{4})|([^]))/gi, (_, code, letter) => {
    return code === undefined ? ESCAPES[letter] ?? letter : String.fromCharCode(parseInt(code, 16));
  });
}
