import { managePackages, PACKAGE_ACTIONS } from "./compose.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment } from "./env.ts";
import { machineFacts } from "./machine.ts";

const USAGE = "deno task packages add NAME… | remove NAME… | list";

/** Changes or lists the packages that runs can import; the exit code. */
async function main([word = "", ...names]: readonly string[]): Promise<number> {
  const action = PACKAGE_ACTIONS.find((action) => action === word);
  if (action === undefined) {
    throw new Error(`Cannot do '${word}' with packages: there is no such command. Use: ${USAGE}`);
  }
  if ((action === "list") !== (names.length === 0)) {
    const expected = action === "list" ? "no names" : "at least one name";
    throw new Error(`Cannot ${action} packages: expected ${expected}. Use: ${USAGE}`);
  }
  return await managePackages(parseConfig(readEnvironment(), machineFacts()), action, names);
}

try {
  Deno.exit(await main([...Deno.args]));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
  Deno.exit(1);
}
