/**
 * `deno run --no-prompt -P=test tests/long/python_suite/survey.ts [MODULE…]` runs modules of CPython's test
 * suite bare and in the sandbox, all of them unless some are named, and prints a line of JSON for each:
 * how long it took on either side, how many tests passed bare, and which of them do not inside, each with
 * the last line of its error.
 */
import { missedInside, PythonSuite } from "./suite.ts";

const AT_ONCE = 2;

await using suite = await PythonSuite.open();
const modules = (Deno.args.length > 0 ? Deno.args : suite.modules).values();

/** The last line of a test's first error: `one_module.py` ends each with an empty line. */
function lastWords(stderr: string, name: string): string {
  const start = stderr.indexOf(`\n${name}: `);
  if (start < 0) return "";
  const end = stderr.indexOf("\n\n", start + 1);
  const lines = stderr.slice(start, end < 0 ? undefined : end).trimEnd().split("\n");
  return (lines.at(-1) ?? "").slice(0, 200);
}

async function work(): Promise<void> {
  for (const module of modules) {
    const began = performance.now();
    const outside = await suite.bare(module);
    const between = performance.now();
    const inside = await suite.sandboxed(module);
    const seconds = [between - began, performance.now() - between].map((ms) => ms / 1000);
    const passed = [...outside.outcomes.values()].filter((outcome) => outcome === "passed").length;
    const missed = missedInside(outside.outcomes, inside.outcomes)
      .map((name) => [name, lastWords(inside.stderr, name)]);
    const line = JSON.stringify({ module, seconds, passed, missed });
    await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
