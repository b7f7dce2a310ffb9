/**
 * Everything in a statement within which names and `$` mean nothing, and parameters, and quoted names. What
 * is never closed goes to the end: looking for its close from each beginning would take for ever.
 */
const TOKENS =
  /'(?:\\[^]|[^'\\])*'?|"(?:\\[^]|[^"\\])*"?|`[^`]*`?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|\$(?:`[^`]*`?|[\p{L}\p{N}_]+)/gu;

/** The statement with other text for some of its parameters. */
export function withParameters(
  statement: string,
  textFor: (name: string) => string | undefined,
): string {
  return statement.replaceAll(TOKENS, (token) => {
    return token.startsWith("$") ? textFor(token.slice(1).replaceAll("`", "")) ?? token : token;
  });
}

/** The statement without what its texts and comments say: empty texts, and spaces. */
export function withoutTexts(statement: string): string {
  return statement.replaceAll(TOKENS, (token) => {
    if (token.startsWith("/")) return " ";
    return /^['"]/.test(token) ? "''" : token;
  });
}

/** The statement, as long as it was, with nothing to be read in its texts, comments, names and parameters. */
export function masked(statement: string): string {
  return statement.replaceAll(TOKENS, (token) => {
    return (token.startsWith("/") ? " " : "'").repeat(token.length);
  });
}
