import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import { isName, type Token } from "./lexical.ts";
import type { Insertion } from "./rewriting.ts";

/** Words before a bracket that can begin a pattern; any other word there is a function's name. */
const BEFORE_PATTERNS = new Set([
  "MATCH",
  "WHERE",
  "AND",
  "OR",
  "XOR",
  "NOT",
  "WHEN",
  "THEN",
  "ELSE",
]);

/**
 * What has the database find nodes by their key: the service's own label for each pattern of a node that
 * has a key, `(n:Person {key: $key})`. Only under that label there is an index, and callers cannot name it.
 *
 * A bracket that is something else does not parse with a label in it.
 */
export function keyLookups(tokens: readonly Token[]): Insertion[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== "sign" || token.text !== "(") return [];
    const before = tokens[at - 1];
    if (isName(before) && !BEFORE_PATTERNS.has(before.text.toUpperCase())) return [];
    const last = lastOfLabels(tokens, at);
    const properties = tokens[last + 1];
    const isKeyed = properties?.kind === "sign" && properties.text === "{" &&
      hasKey(tokens, last + 1);
    return isKeyed ? [{ at: tokens[last]?.end ?? 0, text: `:${INTERNAL_LABEL} ` }] : [];
  });
}

/** The last token of `(name:Label:Label`, which begins at `at`. */
function lastOfLabels(tokens: readonly Token[], at: number): number {
  let last = isName(tokens[at + 1]) ? at + 1 : at;
  while (tokens[last + 1]?.text === ":" && isName(tokens[last + 2])) last += 2;
  return last;
}

/** Whether the map that begins at `at` has the key among its own names. */
function hasKey(tokens: readonly Token[], at: number): boolean {
  let depth = 0;
  for (let next = at; next < tokens.length; next += 1) {
    const { kind, text } = tokens[next] ?? { kind: "sign", text: "" };
    if (kind === "sign" && "([{".includes(text)) depth += 1;
    if (kind === "sign" && ")]}".includes(text)) depth -= 1;
    if (depth === 0) return false;
    const isOwn = depth === 1 && /^[{,]$/.test(tokens[next - 1]?.text ?? "");
    if (isOwn && isName(tokens[next]) && text === KEY_PROPERTY && tokens[next + 1]?.text === ":") {
      return true;
    }
  }
  return false;
}
