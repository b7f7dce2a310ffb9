import { selfTest } from "./compose.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment, readSearchPath } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { describeSelfTest } from "./selftest_table.ts";

/** Attacks the sandbox of this machine and configuration and prints what held; the exit code. */
async function main(): Promise<number> {
  const config = parseConfig(readEnvironment(), machineFacts());
  const report = await selfTest(config, readSearchPath());
  const { lines, held } = describeSelfTest(report);
  await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  return held ? 0 : 1;
}

try {
  Deno.exit(await main());
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`Cannot test the sandbox: ${message}\n`));
  Deno.exit(1);
}
