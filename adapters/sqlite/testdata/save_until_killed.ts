/**
 * Saves records without end, several at once, and prints each id once its save has resolved.
 * Argument: the database file. Ends only by a signal.
 */
import { sampleRecord } from "../../../tests/contracts/execution_records.ts";
import { openExecutionRecords } from "../execution_records.ts";

const records = openExecutionRecords({ path: Deno.args[0] ?? "" });
const encoder = new TextEncoder();

async function saveForEver(): Promise<never> {
  while (true) {
    const record = sampleRecord();
    await records.save(record);
    await Deno.stdout.write(encoder.encode(`${record.id}\n`));
  }
}

await Promise.all(Array.from({ length: 8 }, saveForEver));
