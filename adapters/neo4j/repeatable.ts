import { tokensOf } from "./lexical.ts";

/** Functions that give something else each time; a statement that has their names anywhere may use them. */
const NEVER_THE_SAME = new Set(["rand", "randomuuid", "timestamp"]);
/** Functions that give the present unless they are handed something. */
const PRESENT = new Set(["date", "time", "datetime", "localtime", "localdatetime"]);

/**
 * Whether a statement gives the same answer for as long as nothing is written. In doubt it does not: a
 * property called `time` only costs the cache.
 */
export function isRepeatable(statement: string): boolean {
  // Escapes can spell a name in ways that are not looked through here.
  if (statement.includes("\\u")) return false;
  const tokens = tokensOf(statement);
  return !tokens.some(({ text, kind }, at) => {
    if (kind !== "name" && kind !== "quoted name") return false;
    const name = text.toLowerCase();
    if (NEVER_THE_SAME.has(name)) return true;
    return PRESENT.has(name) && !isHanded(tokens[at + 1]?.text, tokens[at + 2]?.kind);
  });
}

/** A function of the present is harmless where a text or a parameter follows its bracket. */
function isHanded(next: string | undefined, kind: string | undefined): boolean {
  return next === "(" && (kind === "text" || kind === "parameter");
}
