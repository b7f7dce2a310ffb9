import type { EntryTally, RecordsEntry } from "../records/entry.ts";

/** A file that records are moved in. */
export interface RecordsFile {
  /**
   * Makes the file of these entries, which are read as fast as they are written. There is none afterwards
   * when this rejects.
   *
   * @throws {Error} when there is one already, or it cannot be written.
   */
  write(entries: AsyncIterable<RecordsEntry>): Promise<EntryTally>;
  /**
   * What the file holds, a few entries in memory at a time.
   *
   * @throws {Error} that names the line, where it is not one that {@link write} has made; at the end, where
   * the file was cut off or changed.
   */
  entries(): AsyncIterable<RecordsEntry>;
}
