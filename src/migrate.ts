import { parseArgs } from "node:util";
import { dropByName, listAll, migrateAll } from "./compose_migrate.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { describeDrop, describeItems, describeMigrations } from "./migrate_text.ts";

const USAGE = "deno task migrate [--dry-run | --list | --drop NAME [--in graph|records]]";
const OPTIONS = {
  "dry-run": { type: "boolean" },
  list: { type: "boolean" },
  drop: { type: "string" },
  in: { type: "string" },
} as const;

/** Does what the arguments say with the databases that are set; what there is to tell, line by line. */
async function done(args: string[]): Promise<string[]> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { "dry-run": dryRun = false, list = false, drop, in: within } = values;
  const ways = [dryRun, list, drop !== undefined].filter((way) => way).length;
  const isPlace = within === undefined || within === "graph" || within === "records";
  if (ways > 1 || !isPlace || (within !== undefined && drop === undefined)) {
    throw new Error(`use: ${USAGE}`);
  }
  const config = parseConfig(readEnvironment(), machineFacts());
  if (list) return describeItems(await listAll(config));
  if (drop !== undefined) return describeDrop(await dropByName(config, drop, within ?? null));
  return describeMigrations(await migrateAll(config, dryRun));
}

try {
  const text = `${(await done([...Deno.args])).join("\n")}\n`;
  await Deno.stdout.write(new TextEncoder().encode(text));
  Deno.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`Cannot migrate: ${message}\n`));
  Deno.exit(1);
}
