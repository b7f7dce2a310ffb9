import { type Child, childOf } from "../../../tests/fixtures/child.ts";

/** Runs a program of this folder with read and write access to one directory, and nothing else. */
export function spawnProgram(program: string, directory: string, argument: string): Child {
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      `--allow-read=${directory}`,
      `--allow-write=${directory}`,
      new URL(program, import.meta.url).href,
      argument,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return childOf(child);
}
