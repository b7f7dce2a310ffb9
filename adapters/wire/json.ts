// This room is the one adapter room that inbound adapters (http, mcp) may import: the MCP tools must
// be made from the very same zod schemas as the HTTP routes. It imports domain and zod only.

const LIVE = /[<>&\u2028\u2029]/;
const EACH_LIVE = new RegExp(LIVE, "g");
const ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/**
 * Makes JSON text inert wherever it is shown: outside strings JSON has none of these characters, so
 * that replacing them everywhere changes no value.
 */
export function escapeJsonText(json: string): string {
  return LIVE.test(json) ? json.replace(EACH_LIVE, (live) => ESCAPES[live] ?? "") : json;
}

/** A value as JSON text without live markup. */
export function toJson(value: object): string {
  return escapeJsonText(JSON.stringify(value));
}
