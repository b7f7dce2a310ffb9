import { INTERNAL_LABEL } from "../../domain/graph/names.ts";
import { isName, type Token } from "./lexical.ts";
import type { Insertion } from "./rewriting.ts";

/** A call of `labels()` in a statement: where it begins, and where its closing bracket ends. */
interface Call {
  readonly start: number;
  readonly end: number;
}

/**
 * What takes the service's own label out of every `labels(…)`.
 *
 * The database knows no other way to keep a label from a statement that may read the node. What comes out
 * is judged like any other statement; it cannot do more than what went in.
 */
export function labelsWithoutOwn(tokens: readonly Token[]): Insertion[] {
  return tokens.flatMap((_, at) => callAt(tokens, at)).flatMap(({ start, end }) => [
    { at: start, text: "[_umcp_label IN " },
    { at: end, text: ` WHERE _umcp_label <> '${INTERNAL_LABEL}']` },
  ]);
}

function callAt(tokens: readonly Token[], at: number): Call[] {
  const name = tokens[at];
  const isCall = isName(name) && name.text.toLowerCase() === "labels" &&
    tokens[at + 1]?.text === "(" && tokens[at - 1]?.text !== ".";
  if (!isCall) return [];
  let depth = 0;
  for (const token of tokens.slice(at + 1)) {
    if (token.kind !== "sign") continue;
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth === 0) return [{ start: name.start, end: token.end }];
  }
  return [];
}
