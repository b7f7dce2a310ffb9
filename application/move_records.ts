import type { RecordsArchive } from "../domain/ports/records_archive.ts";
import type { RecordsFile } from "../domain/ports/records_file.ts";
import { type EntryTally, NONE, type RecordsEntry, tallyOf } from "../domain/records/entry.ts";

/** Entries of one batch, and about how many bytes they may have: one may have more. */
const BATCH_ENTRIES = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

/** What goes into a file. */
export interface ExportChoice {
  /** Only this instance's audit chain; `null`: all chains. */
  readonly instance: string | null;
}

/** Writes all that a store holds into a file. @throws {Error} when it cannot; there is no file then. */
export async function exportRecords(
  archive: RecordsArchive,
  file: RecordsFile,
  { instance }: ExportChoice,
): Promise<EntryTally> {
  const entries = archive.entries();
  return await file.write(instance === null ? entries : chosen(entries, instance));
}

/**
 * Brings what a file holds into a store. The file is read to its end first: of one that was cut off nothing
 * is kept. Once more is no harm.
 *
 * @throws {Error} when the file is not whole, or the store cannot take it beside what it has.
 */
export async function importRecords(
  file: RecordsFile,
  archive: RecordsArchive,
): Promise<EntryTally> {
  const instances: string[] = [];
  for await (const entry of file.entries()) {
    if (entry.kind === "audit_chain") instances.push(entry.instance);
  }
  await archive.prepare(instances);
  let tally = NONE;
  for await (const batch of batches(file.entries())) {
    await archive.keep(batch);
    tally = tallyOf(batch, tally);
  }
  return tally;
}

async function* chosen(
  entries: AsyncIterable<RecordsEntry>,
  instance: string,
): AsyncGenerator<RecordsEntry> {
  let found = false;
  for await (const entry of entries) {
    const isAudit = entry.kind === "audit_chain" || entry.kind === "audit_event";
    if (isAudit && entry.instance !== instance) continue;
    found ||= isAudit;
    yield entry;
  }
  if (!found) throw new Error(`there is no audit chain of the instance '${instance}'`);
}

/** Entries of one kind, as many as are kept at once. */
async function* batches(entries: AsyncIterable<RecordsEntry>): AsyncGenerator<RecordsEntry[]> {
  let batch: RecordsEntry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    const size = sizeOf(entry);
    const [first] = batch;
    const isFull = batch.length >= BATCH_ENTRIES || bytes + size > BATCH_BYTES;
    if (first !== undefined && (first.kind !== entry.kind || isFull)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** Only results may be long. */
function sizeOf(entry: RecordsEntry): number {
  if (entry.kind !== "execution") return 0;
  const { stdout, stderr, files } = entry.record;
  return files.reduce((sum, { content }) => sum + content.length, stdout.length + stderr.length);
}
