/**
 * A statement's words, as far as they can be told without knowing the language. What is never closed goes
 * to the end. Control characters stand between words: the database takes U+001C to U+001F for spaces.
 */
const TOKENS =
  /'(?:\\[^]|[^'\\])*'?|"(?:\\[^]|[^"\\])*"?|`(?:``|[^`])*`?|\/\/[^\n\r]*|\/\*[^]*?(?:\*\/|$)|\$(?:`(?:``|[^`])*`?|[\p{L}\p{N}_]+)|[\p{L}\p{N}\p{Pc}]+|[^\s\p{Cc}]/gu;

/** A word, a quoted name or a sign of a statement. */
export interface Token {
  /** A name without its backticks; a sign as it is; a text as `'`. */
  readonly text: string;
  readonly kind: "name" | "quoted name" | "parameter" | "text" | "sign";
  readonly start: number;
  readonly end: number;
}

/** Everything in a statement that means something, in order; comments do not. */
export function tokensOf(statement: string): Token[] {
  return Array.from(statement.matchAll(TOKENS)).flatMap((match) => {
    const [text] = match;
    if (/^\/[/*]/.test(text)) return [];
    const place = { start: match.index, end: match.index + text.length };
    return [{ ...kindOf(text), ...place }];
  });
}

function kindOf(text: string): Pick<Token, "text" | "kind"> {
  if (/^['"]/.test(text)) return { text: "'", kind: "text" };
  if (text.startsWith("`")) {
    return { text: text.replace(/^`|`$/g, "").replaceAll("``", "`"), kind: "quoted name" };
  }
  if (text.startsWith("$") && text.length > 1) return { text, kind: "parameter" };
  return { text, kind: /^[\p{L}\p{N}\p{Pc}]/u.test(text) ? "name" : "sign" };
}

/** Whether a token can be the name of something. */
export function isName(token: Token | undefined): token is Token {
  return token?.kind === "name" || token?.kind === "quoted name";
}

/** The statement with what its escapes stand for: the database puts it in before it reads the words. */
export function unescaped(statement: string): string {
  return statement.replaceAll(/\\(?:u+([\da-fA-F]{4})|[^])/g, (whole, hex?: string) => {
    return hex === undefined ? whole : String.fromCharCode(Number.parseInt(hex, 16));
  });
}
