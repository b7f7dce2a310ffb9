import { createHash } from "node:crypto";

/**
 * What stands in a key's name for texts that callers choose: whatever lists keys, or tells of what becomes of them,
 * shows names. Of one length, and another for each purpose; whoever guesses the texts can make sure.
 */
export function hiddenName(purpose: string, ...texts: readonly string[]): string {
  // As JSON it is told where one text ends, and lone surrogates stay apart.
  const text = JSON.stringify(["ultimate-mcp", purpose, ...texts]);
  return createHash("sha256").update(text).digest("base64url");
}
