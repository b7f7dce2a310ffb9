import { parseArgs } from "node:util";
import { migrateAll, type PlaceReport } from "./compose_migrate.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { describeMigrations } from "./migrate_text.ts";

/** Brings the databases that are set to this program's schema, or tells what that would do. */
async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { "dry-run": { type: "boolean" } } });
  const config = parseConfig(readEnvironment(), machineFacts());
  const reports: PlaceReport[] = await migrateAll(config, values["dry-run"] ?? false);
  const text = `${describeMigrations(reports).join("\n")}\n`;
  await Deno.stdout.write(new TextEncoder().encode(text));
}

try {
  await main([...Deno.args]);
  Deno.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`Cannot migrate: ${message}\n`));
  Deno.exit(1);
}
