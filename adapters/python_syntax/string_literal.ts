/** How the quotes of a string literal begin and end, and how what is between them is meant. */
export interface Quoting {
  /** Units before the text: prefix and quotes. */
  readonly opening: number;
  /** Units of the quotes after it. */
  readonly closing: number;
  readonly raw: boolean;
}

/** Longer texts spell no name: they are not decoded. */
const MAX_DECODED = 4096;

const ESCAPE = /\\(\n|[0-7]{1,3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|N\{[^}]*\}|[^])/g;
const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** The quoting of a literal, by its first characters. */
export function quotingOf(text: string, from: number): Quoting {
  let at = from;
  let raw = false;
  for (; text[at] !== "'" && text[at] !== '"'; at += 1) {
    raw ||= text[at] === "r" || text[at] === "R";
  }
  const quotes = text.startsWith((text[at] ?? "").repeat(3), at) ? 3 : 1;
  // The empty string is two quotes, not the first two of three.
  return { opening: at - from + quotes, closing: quotes, raw };
}

/** What a literal's text means; `null` where that cannot be told. */
export function decoded(text: string, raw: boolean): string | null {
  if (text.length > MAX_DECODED) return null;
  if (raw || !text.includes("\\")) return text;
  let known = true;
  const meant = text.replace(ESCAPE, (whole, escape: string) => {
    const one = unescaped(escape, whole);
    known &&= one !== null;
    return one ?? "";
  });
  return known ? meant : null;
}

function unescaped(escape: string, whole: string): string | null {
  const [letter = ""] = escape;
  if (escape.length > 1 && (letter === "x" || letter === "u" || letter === "U")) {
    const code = parseInt(escape.slice(1), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : null;
  }
  if (letter === "N" && escape.length > 1) return named(escape.slice(2, -1));
  if (/^[0-7]/.test(escape)) return String.fromCodePoint(parseInt(escape, 8));
  // Python keeps the backslash before what it does not know.
  return SIMPLE[escape] ?? whole;
}

/** The characters that identifiers are made of, by their Unicode names. */
function named(name: string): string | null {
  const upper = name.toUpperCase();
  const [, size, letter = ""] = /^LATIN (SMALL|CAPITAL) LETTER ([A-Z])$/.exec(upper) ?? [];
  if (size !== undefined) return size === "SMALL" ? letter.toLowerCase() : letter;
  if (upper === "LOW LINE") return "_";
  return upper === "FULL STOP" ? "." : null;
}
