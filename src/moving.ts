import type { EntryTally } from "../domain/records/entry.ts";
import { moveRecords, type Moving } from "./compose_moving.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment } from "./env.ts";
import { machineFacts } from "./machine.ts";

/** The file that a command names, and what is done. */
type Told = (args: string[]) => readonly [file: string, moving: Moving];

/** Carries a command of the records out, as its arguments tell, says what went, and ends the process. */
export async function moving(way: Moving["way"], told: Told): Promise<never> {
  try {
    const [file, what] = told([...Deno.args]);
    const config = parseConfig(readEnvironment(), machineFacts());
    const tally = await moveRecords(config, file, what);
    await Deno.stdout.write(new TextEncoder().encode(`${describe(tally)}\n`));
    Deno.exit(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await Deno.stderr.write(new TextEncoder().encode(`Cannot ${way} the records: ${message}\n`));
    Deno.exit(1);
  }
}

/** The one file of a command. @throws {Error} that tells how it is used. */
export function fileIn([file, ...more]: readonly string[], usage: string): string {
  if (file === undefined || more.length > 0) throw new Error(`use: ${usage}`);
  return file;
}

function describe(tally: EntryTally): string {
  return `${tally.execution} executions, ${tally.tests} runs of tests, ${tally.lint} lint results, ` +
    `roles of ${tally.roles} users, ` +
    `${tally.revoked_token} revoked tokens, ${tally.audit_event} audit events in ` +
    `${tally.audit_chain} chains`;
}
