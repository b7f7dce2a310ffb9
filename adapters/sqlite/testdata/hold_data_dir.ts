/**
 * Takes a data directory and prints its own process id, or why it cannot. Argument: the directory.
 * Holds it until a signal ends the process.
 */
import { openDataDir } from "../data_dir.ts";

const clock = { now: () => Date.parse("2026-01-01T00:00:00.000Z"), monotonic: () => 0 };
const path = Deno.args[0] ?? "";
const told = await openDataDir({ path, holder: "127.0.0.1:8123", clock }).then(
  () => ({ line: `held by ${Deno.pid}\n`, held: true }),
  (error: Error) => ({ line: `${error.message}\n`, held: false }),
);
await Deno.stdout.write(new TextEncoder().encode(told.line));
if (told.held) await new Promise(() => setInterval(() => {}, 60_000));
