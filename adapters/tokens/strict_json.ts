/** Why a text was not taken. */
export class StrictJsonError extends Error {}

/** A JSON object, its members as they stood. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Strings, and what opens, closes and separates; numbers and words matter to nobody here. */
const MARKS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;

/**
 * The JSON object that UTF-8 bytes hold.
 *
 * Stricter than `JSON.parse`: no member may come twice in one object (two readers could each heed
 * another one), and arrays and objects may lie in each other `maxDepth` deep, which is found out
 * before anything is built.
 *
 * @throws {StrictJsonError} saying nothing of the text.
 */
export function parseStrictObject(bytes: Uint8Array, maxDepth: number): JsonObject {
  const text = decoded(bytes);
  if (depthOf(text) > maxDepth) throw new StrictJsonError(`it is nested deeper than ${maxDepth}`);
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new StrictJsonError("it is no JSON object");
  }
  if (hasTwins(text)) throw new StrictJsonError("a member of it comes twice");
  return value as JsonObject;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new StrictJsonError("it is not UTF-8", { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StrictJsonError("it is not JSON", { cause });
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [mark] of text.matchAll(MARKS)) {
    if (mark === "{" || mark === "[") deepest = Math.max(deepest, ++depth);
    else if (mark === "}" || mark === "]") depth -= 1;
  }
  return deepest;
}

/** Whether an object has two members of one name, however the name is escaped. The text is JSON. */
function hasTwins(text: string): boolean {
  const open: Set<string>[] = [];
  let string = "";
  for (const [mark] of text.matchAll(MARKS)) {
    if (mark === "{" || mark === "[") open.push(new Set());
    else if (mark === "}" || mark === "]") open.pop();
    else if (mark === ":") {
      const names = open.at(-1);
      const name: string = JSON.parse(string);
      if (names?.has(name)) return true;
      names?.add(name);
    } else string = mark;
  }
  return false;
}
