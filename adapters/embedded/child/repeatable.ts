import { withoutTexts } from "./lexical.ts";

/** Functions that give something else each time; a statement that has their names anywhere may use them. */
const NEVER_THE_SAME = /\b(rand|randomuuid|timestamp|uuid|now|shuffle|sample|current\w*)\b/i;
/** Functions that give the present unless they are handed something. */
const PRESENT = /\b(date|time|datetime|localtime|localdatetime)\b(?!\s*\(\s*(['"$]|\{\s*\w))/i;
/** Gives how long it took. */
const TIMED = /^\s*profile\b/i;
/** Texts in a plan. */
const TEXTS = /"(?:\\[^]|[^"\\])*"?/g;

/**
 * Whether a statement gives the same answer for as long as nothing is written. In doubt it does not: a
 * property called `time` only costs the cache.
 */
export function isRepeatable(statement: string, plan: string): boolean {
  // Escapes can spell a name in ways that are not looked through here.
  if (statement.includes("\\u")) return false;
  const own = withoutTexts(statement);
  if (TIMED.test(own)) return false;
  const planned = plan.replaceAll(TEXTS, '""');
  return [own, planned].every((text) => !NEVER_THE_SAME.test(text) && !PRESENT.test(text));
}
