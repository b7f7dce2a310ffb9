import { DomainError } from "../errors.ts";

/** What is done with HTML in text that is stored: `keep` leaves every character as it is. */
export type HtmlPolicy = "keep" | "escape";

/** How a text is held. */
export interface TextRules {
  /** JSON pointer. */
  readonly pointer: string;
  /** In UTF-16 units, as JavaScript and JSON Schema count nearly all text. */
  readonly maxLength: number;
  readonly html: HtmlPolicy;
}

/** All that no text for people has: control characters but tab, line feed and carriage return. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

/** An ampersand that begins none of the entities made here: so that none is ever escaped twice. */
const LIVE = /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text as it is stored. Never for source code.
 *
 * Nothing is taken out in silence: what is too long, has control characters, or is no Unicode text is
 * refused. Under `escape` HTML becomes entities, which done again changes nothing.
 *
 * @throws {DomainError} `validation_failed` at the rules' pointer.
 */
export function sanitizeString(text: string, rules: TextRules): string {
  const expected = expectedOf(text, rules.maxLength);
  if (expected !== null) {
    const found = `a string of ${text.length} characters`;
    const errors = [{ pointer: rules.pointer, expected, found }];
    throw new DomainError({ code: "validation_failed", errors });
  }
  if (rules.html === "keep") return text;
  return text.replaceAll(LIVE, (live) => ENTITIES[live] ?? live);
}

function expectedOf(text: string, maxLength: number): string | null {
  if (text.length > maxLength) return `at most ${maxLength} characters`;
  if (!text.isWellFormed()) return "Unicode text without lone surrogates";
  return CONTROL.test(text) ? "text without control characters" : null;
}
