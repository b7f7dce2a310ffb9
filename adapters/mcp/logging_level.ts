import {
  LOG_LEVEL_META_KEY,
  type LoggingLevel,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";

/** From the least urgent to the most. */
const LEVELS: readonly LoggingLevel[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];

/**
 * Which level a server's clients have set: in each request since 2026-07-28, before that by
 * `logging/setLevel`, for the session. Nothing is logged to a client that has set none.
 */
export function loggingLevels(server: McpServer): (context: ServerContext) => LoggingLevel | null {
  let level: LoggingLevel | null = null;
  server.server.setRequestHandler("logging/setLevel", ({ params }) => {
    level = params.level;
    return {};
  });
  return ({ mcpReq: { envelope } }) => envelope === undefined ? level : levelIn(envelope);
}

function levelIn(envelope: object): LoggingLevel | null {
  const { [LOG_LEVEL_META_KEY]: asked } = envelope as Readonly<Record<string, unknown>>;
  return LEVELS.find((level) => level === asked) ?? null;
}

/** Whether a message of a level is wanted where this is the least. */
export function isWanted(level: LoggingLevel, least: LoggingLevel): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
