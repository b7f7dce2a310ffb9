import type { MachineFacts } from "./config.ts";

/**
 * What this machine says of itself.
 *
 * Needs `--allow-sys=systemMemoryInfo` and `--allow-read` on Deno's own file.
 */
export function machineFacts(): MachineFacts {
  return {
    cpus: navigator.hardwareConcurrency,
    totalMemoryBytes: Deno.systemMemoryInfo().total,
    deno: Deno.execPath(),
    terminal: Deno.stderr.isTerminal(),
  };
}
