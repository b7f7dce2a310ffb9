/**
 * `deno run --no-prompt -P=test tests/long/python_suite/survey.ts [MODULE…]` runs modules of CPython's test
 * suite bare and in the sandbox, all of them unless some are named, and prints a line of JSON for each:
 * how many passed bare, which of them do not inside, and what was written to standard error there.
 */
import { missedInside, PythonSuite } from "./suite.ts";

const AT_ONCE = 2;

await using suite = await PythonSuite.open();
const modules = (Deno.args.length > 0 ? Deno.args : suite.modules).values();

async function work(): Promise<void> {
  for (const module of modules) {
    const began = performance.now();
    const outside = await suite.bare(module);
    const between = performance.now();
    const inside = await suite.sandboxed(module);
    const seconds = [between - began, performance.now() - between].map((ms) => ms / 1000);
    const passed = [...outside.outcomes.values()].filter((outcome) => outcome === "passed").length;
    const missed = missedInside(outside.outcomes, inside.outcomes);
    const stderr = missed.length > 0 ? inside.stderr : "";
    const line = JSON.stringify({ module, seconds, passed, missed, stderr });
    await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
