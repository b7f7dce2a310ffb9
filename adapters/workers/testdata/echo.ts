/** A pool's worker for tests: does what it is told, and tells what it may. */

import { serve } from "../serve.ts";

/** What this worker is asked for. */
export type Asked =
  | { readonly do: "tell"; readonly text: string }
  | { readonly do: "spin" }
  | { readonly do: "throw" }
  | { readonly do: "grow" }
  | { readonly do: "leave" }
  | { readonly do: "exhaust"; readonly what: "heap" | "memory" }
  | { readonly do: "permissions" }
  | { readonly do: "bytes"; readonly bytes: Uint8Array }
  | { readonly do: "wait"; readonly milliseconds: number };

const NAMES = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

let told = 0;
let grown = false;

async function answer(asked: Asked): Promise<unknown> {
  told += 1;
  switch (asked.do) {
    case "tell":
      return { text: asked.text, told };
    case "spin":
      for (;;);
    case "throw":
      throw new Error("thrown on purpose");
    case "grow":
      grown = true;
      return { text: "grown", told };
    case "leave":
      return Deno.exit(7);
    case "exhaust":
      return exhaust(asked.what);
    case "permissions":
      return NAMES.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
    case "bytes":
      return asked.bytes;
    case "wait":
      return await new Promise((resolve) => setTimeout(() => resolve(told), asked.milliseconds));
  }
}

function exhaust(what: "heap" | "memory"): unknown {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const held: unknown[] = [];
  try {
    for (;;) {
      if (what === "memory") memory.grow(16);
      else held.push(new Array(1000).fill(held.length));
    }
  } catch {
    return memory.buffer.byteLength;
  }
}

await serve(answer, { hasGrown: () => grown });
