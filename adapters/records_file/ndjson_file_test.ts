import assert from "node:assert/strict";
import type { RecordsEntry } from "../../domain/records/entry.ts";
import { RECORDS } from "../../tests/fixtures/records_entries.ts";
import { NdjsonFile } from "./ndjson_file.ts";

async function* given(entries: readonly RecordsEntry[]): AsyncGenerator<RecordsEntry> {
  for (const entry of entries) yield await Promise.resolve(entry);
}

async function place() {
  const directory = await Deno.makeTempDir({ prefix: "records-file-" });
  const path = `${directory}/records.ndjson`;
  return {
    path,
    file: new NdjsonFile(path),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

Deno.test("NdjsonFile gives back every entry as it was written, for its owner alone [B2]", async () => {
  await using at = await place();
  const tally = await at.file.write(given(RECORDS));
  assert.deepEqual(await Array.fromAsync(at.file.entries()), RECORDS);
  const counts = Object.values(tally);
  assert.equal(counts.reduce((sum, count) => sum + count), RECORDS.length);
  assert.ok(counts.every((count) => count > 0), "of each kind at least one");
  assert.equal((await Deno.stat(at.path)).mode! & 0o777, 0o600);
  await assert.rejects(at.file.write(given([])), Deno.errors.AlreadyExists);
});

Deno.test("NdjsonFile leaves no file of entries that break off [B2]", async () => {
  await using at = await place();
  const broken = async function* () {
    yield* given(RECORDS);
    throw new Error("the database went away");
  };
  await assert.rejects(at.file.write(broken()), /went away/);
  await assert.rejects(Deno.stat(at.path), Deno.errors.NotFound);
});

Deno.test("NdjsonFile refuses a file that was cut anywhere, or changed [B2]", async () => {
  await using at = await place();
  await at.file.write(given(RECORDS));
  const whole = await Deno.readFile(at.path);
  const read = async (bytes: Uint8Array) => {
    await Deno.writeFile(at.path, bytes);
    return await Array.fromAsync(at.file.entries());
  };
  const step = Math.ceil(whole.length / 300);
  for (let length = 0; length < whole.length; length += step) {
    await assert.rejects(read(whole.subarray(0, length)), Error, `cut to ${length}`);
  }
  const text = new TextDecoder().decode(whole);
  const lines = text.trimEnd().split("\n");
  const changed = {
    "a line less": lines.toSpliced(2, 1),
    "a line twice": lines.toSpliced(2, 0, lines[2]!),
    "two lines the other way round": [lines[0]!, lines[2]!, lines[1]!, ...lines.slice(3)],
    "more after the end": [...lines, lines[1]!],
    "no header": lines.slice(1),
    "another version": [lines[0]!.replace('"version":1', '"version":2'), ...lines.slice(1)],
    "another word": lines.map((line) => line.replace("alice", "malice")),
    "an unknown kind": lines.with(1, '{"kind":"graph"}'),
  };
  for (const [what, others] of Object.entries(changed)) {
    assert.notDeepEqual(others, lines, what);
    const bytes = new TextEncoder().encode(`${others.join("\n")}\n`);
    await assert.rejects(read(bytes), Error, what);
  }
  assert.deepEqual(await read(whole), RECORDS);
});
