/**
 * Saves records with their audit events without end, several at once, and prints each event's id once
 * both have resolved. Argument: the database file. Ends only by a signal.
 */
import { sampleEvent } from "../../../tests/contracts/audit_log.ts";
import { sampleRecord } from "../../../tests/contracts/execution_records.ts";
import { SqliteExecutionRecords } from "../execution_records.ts";
import { openDatabase } from "../database.ts";
import { openKeptAudit } from "../kept_audit.ts";

const path = Deno.args[0] ?? "";
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const database = openDatabase({ path });
const records = new SqliteExecutionRecords(database);
const { log: audit } = await openKeptAudit({
  database,
  directory: path.slice(0, path.lastIndexOf("/")),
  retentionDays: 30,
  clock,
  newId: () => crypto.randomUUID(),
  log: { write: () => {} },
});
const encoder = new TextEncoder();

async function saveForEver(): Promise<never> {
  while (true) {
    const record = sampleRecord();
    const event = sampleEvent({ id: record.id, time: new Date().toISOString() });
    await Promise.all([audit.append(event), records.save(record)]);
    await Deno.stdout.write(encoder.encode(`${record.id}\n`));
  }
}

await Promise.all(Array.from({ length: 8 }, saveForEver));
