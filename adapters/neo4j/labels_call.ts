import { INTERNAL_LABEL } from "../../domain/graph/names.ts";
import { isName, type Token } from "./lexical.ts";

/** A call of `labels()` in a statement: where it begins, and where its closing bracket ends. */
interface Call {
  readonly start: number;
  readonly end: number;
}

/**
 * The statement with the service's own label taken out of every `labels(…)`; `null` where none is called.
 *
 * The database knows no other way to keep a label from a statement that may read the node. What comes out
 * is judged like any other statement; it cannot do more than what went in.
 */
export function withoutInternalLabel(
  statement: string,
  tokens: readonly Token[],
): string | null {
  const calls = tokens.flatMap((_, at) => callAt(tokens, at));
  if (calls.length === 0) return null;
  const insertions = calls.flatMap(({ start, end }) => [
    { at: start, text: "[_umcp_label IN " },
    { at: end, text: ` WHERE _umcp_label <> '${INTERNAL_LABEL}']` },
  ]);
  return insertions.sort((a, b) => b.at - a.at).reduce(
    (text, { at, text: inserted }) => text.slice(0, at) + inserted + text.slice(at),
    statement,
  );
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
