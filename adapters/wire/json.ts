// This room is the one adapter room that inbound adapters (http, mcp) may import: the MCP tools must
// be made from the very same zod schemas as the HTTP routes. It imports domain and zod only.

/**
 * Makes JSON text inert wherever it is shown: outside strings JSON has none of these characters, so
 * that replacing them everywhere changes no value.
 */
export function escapeJsonText(json: string): string {
  return json
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("&", "\\u0026")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/** A value as JSON text without live markup. */
export function toJson(value: object): string {
  return escapeJsonText(JSON.stringify(value));
}
