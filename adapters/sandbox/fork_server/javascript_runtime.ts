/** The runtimes that JavaScript can be run with. */
export const JAVASCRIPT_RUNTIMES = ["deno", "node", "bun"] as const;

/** A JavaScript runtime of this host. */
export interface JavascriptRuntime {
  readonly name: (typeof JAVASCRIPT_RUNTIMES)[number];
  /** Its file, one binary; its libraries are looked for where the system keeps them. */
  readonly path: string;
}

/** What must run before the program in a process started ahead; `python/javascript.py` names them. */
const AHEAD = { deno: "ahead/deno.js=ahead.js", node: "ahead/node.cjs=ahead.cjs", bun: null };

const INSIDE = "/opt/javascript/";

/** Whether processes of this runtime can be started ahead of their programs. Bun starts in 6 ms. */
export function canStartAhead({ name }: JavascriptRuntime): boolean {
  return AHEAD[name] !== null;
}

/** What is shown of a runtime inside the sandbox: `HOST_PATH=PLACE` words. */
export function placesOf({ name, path }: JavascriptRuntime): string[] {
  const [source, place] = AHEAD[name]?.split("=") ?? [];
  const ahead = source === undefined
    ? []
    : [`${new URL(source, import.meta.url).pathname}=${INSIDE}${place}`];
  return [`${path}=${INSIDE}${name}`, ...ahead];
}
