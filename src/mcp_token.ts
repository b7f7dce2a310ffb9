import { DEVELOPER, issuesTokens, issueToken } from "./compose_tokens.ts";
import type { Config } from "./config.ts";

/** A token that was made is used for half of its life. */
const KEPT_MS = DEVELOPER.ttlSeconds * 500;

/**
 * The token that `deno task mcp` sends: `MCP_TOKEN`, else, in development, an admin's that is made with
 * the data directory's own secret, as `start` does. Whoever can read that secret could make one anyway.
 *
 * @throws {Error} where there is none and none may be made.
 */
export function mcpTokens(config: Config): () => Promise<string> {
  const { mcpToken } = config;
  if (mcpToken !== null) return () => Promise.resolve(mcpToken);
  const why = config.environment === "production"
    ? "while ENVIRONMENT is 'production'"
    : "where another issuer makes the tokens";
  if (config.environment === "production" || !issuesTokens(config)) {
    throw new Error(`Cannot start: MCP_TOKEN must be set ${why}, found nothing`);
  }
  let made = Promise.resolve("");
  let madeAt = -Infinity;
  return () => {
    if (Date.now() - madeAt > KEPT_MS) {
      madeAt = Date.now();
      made = issueToken(config, DEVELOPER);
    }
    return made;
  };
}
