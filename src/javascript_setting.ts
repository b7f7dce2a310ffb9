/** What `JAVASCRIPT_RUNTIME` may be, by the name of its file: what is inside is tried in the sandbox. */
const NAMES = { deno: /^deno([-.\d]*)$/, node: /^node(js)?([-.\d]*)$/, bun: /^bun([-.\d]*)$/ };

/** A JavaScript runtime by its file. */
export interface JavascriptSetting {
  readonly name: keyof typeof NAMES;
  /** Absolute. */
  readonly path: string;
}

/** What a path that names no runtime is told. */
export const JAVASCRIPT_EXPECTED =
  "an absolute path without commas of a file called deno, node, nodejs or bun, with or without a version";

/** The runtime that a file's name tells; `null` when it tells none. */
export function javascriptSetting(path: string): JavascriptSetting | null {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const name = (["deno", "node", "bun"] as const).find((name) => NAMES[name].test(file));
  return name === undefined ? null : { name, path };
}
