import assert from "node:assert/strict";
import type { RecordsArchive } from "../domain/ports/records_archive.ts";
import type { RecordsFile } from "../domain/ports/records_file.ts";
import { type RecordsEntry, tallyOf } from "../domain/records/entry.ts";
import { chainOf, RECORDS } from "../tests/fixtures/records_entries.ts";
import { exportRecords, importRecords } from "./move_records.ts";

const TWO: readonly RecordsEntry[] = [
  ...RECORDS,
  { kind: "audit_chain", instance: "two", checkpoint: null },
  ...chainOf("two", 2),
];

/** An archive in memory, which keeps what it was given in the batches in which it was. */
class ListArchive implements RecordsArchive {
  readonly batches: RecordsEntry[][] = [];
  prepared: readonly string[] | null = null;

  async *entries(): AsyncGenerator<RecordsEntry> {
    for (const batch of this.batches) yield* await Promise.resolve(batch);
  }

  prepare(instances: readonly string[]): Promise<void> {
    this.prepared = instances;
    return Promise.resolve();
  }

  keep(entries: readonly RecordsEntry[]): Promise<void> {
    this.batches.push([...entries]);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A file in memory; one that is cut says so at its end, as files do. */
class ListFile implements RecordsFile {
  readonly isCut: boolean;
  kept: readonly RecordsEntry[];

  constructor(kept: readonly RecordsEntry[] = [], isCut = false) {
    this.kept = kept;
    this.isCut = isCut;
  }

  async write(entries: AsyncIterable<RecordsEntry>) {
    this.kept = await Array.fromAsync(entries);
    return tallyOf(this.kept);
  }

  async *entries(): AsyncGenerator<RecordsEntry> {
    yield* await Promise.resolve(this.kept);
    if (this.isCut) throw new Error("it was cut off");
  }
}

Deno.test("importRecords() keeps all of a file in its order, in batches of one kind [B2]", async () => {
  const archive = new ListArchive();
  const tally = await importRecords(new ListFile(TWO), archive);
  assert.deepEqual(archive.batches.flat(), TWO);
  assert.deepEqual(tally, tallyOf(TWO));
  assert.deepEqual(archive.prepared, ["one", "two"]);
  for (const batch of archive.batches) {
    assert.equal(new Set(batch.map(({ kind }) => kind)).size, 1);
    assert.ok(batch.length <= 500);
  }
});

Deno.test("importRecords() keeps nothing of a file that was cut [B2]", async () => {
  const archive = new ListArchive();
  await assert.rejects(importRecords(new ListFile(TWO, true), archive), /cut off/);
  assert.deepEqual([archive.batches, archive.prepared], [[], null]);
});

Deno.test("exportRecords() writes all, or of the audit one instance's chain [B2]", async () => {
  const archive = new ListArchive();
  archive.batches.push([...TWO]);
  const file = new ListFile();
  await exportRecords(archive, file, { instance: null });
  assert.deepEqual(file.kept, TWO);
  await exportRecords(archive, file, { instance: "one" });
  assert.deepEqual(file.kept, RECORDS);
  const absent = exportRecords(archive, file, { instance: "three" });
  await assert.rejects(absent, /no audit chain of the instance 'three'/);
});
