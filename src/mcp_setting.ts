import type { SettingReader } from "./setting_reader.ts";

const MOST_CHARACTERS = 16_384;

/** Reads the token that `deno task mcp` sends. Whether it is good, the service judges. */
export function mcpTokenSetting(read: SettingReader<"MCP_TOKEN">): string | null {
  return read.secret("MCP_TOKEN", (text) => {
    const fits = /^[!-~]+$/.test(text) && text.length <= MOST_CHARACTERS;
    return fits ? [] : [`must be 1 to ${MOST_CHARACTERS} visible ASCII characters`];
  });
}
