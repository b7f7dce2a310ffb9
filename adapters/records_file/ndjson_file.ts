import { createHash, type Hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { RecordsFile } from "../../domain/ports/records_file.ts";
import { type EntryTally, NONE, type RecordsEntry, tallyOf } from "../../domain/records/entry.ts";
import { type End, entryLine, entryOf, HEADER } from "./lines.ts";

/** Written at once, in bytes. */
const SLICE_BYTES = 262_144;
const NEWLINE = 10;

/** A file of JSON lines: a header, an entry a line, and an end that says how many there are. */
export class NdjsonFile implements RecordsFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async write(entries: AsyncIterable<RecordsEntry>): Promise<EntryTally> {
    // For its owner alone: it holds what everybody's programs have printed.
    using file = await Deno.open(this.#path, { write: true, createNew: true, mode: 0o600 });
    try {
      const lines = new Lines(file);
      await lines.add(`${JSON.stringify(HEADER)}\n`);
      let tally = NONE;
      for await (const entry of entries) {
        await lines.add(entryLine(entry));
        tally = tallyOf([entry], tally);
      }
      await lines.end(tally);
      await file.sync();
      return tally;
    } catch (error) {
      await Deno.remove(this.#path);
      throw error;
    }
  }

  async *entries(): AsyncGenerator<RecordsEntry> {
    const digest = createHash("sha256");
    let number = 0;
    let tally = NONE;
    let isWhole = false;
    for await (const line of linesOf(this.#path)) {
      number += 1;
      if (isWhole) throw faultAt(number, "something stands after the end");
      const value = parsed(line, number);
      if (number === 1) judgeHeader(value);
      else if (isEnd(value)) {
        judgeEnd(value, tally, digest, number);
        isWhole = true;
      } else {
        const entry = read(value, number);
        tally = tallyOf([entry], tally);
        yield entry;
      }
      digest.update(line);
    }
    if (!isWhole) throw new Error("the file has no end: it was cut off");
  }
}

/** Lines on their way to a file, a few at a time. */
class Lines {
  readonly #file: Deno.FsFile;
  readonly #digest = createHash("sha256");
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  async add(line: string): Promise<void> {
    const bytes = new TextEncoder().encode(line);
    this.#digest.update(bytes);
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= SLICE_BYTES) await this.#flush();
  }

  async end(entries: EntryTally): Promise<void> {
    const end: End = { kind: "end", entries, sha256: this.#digest.copy().digest("hex") };
    await this.add(`${JSON.stringify(end)}\n`);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    for (const bytes of this.#waiting) {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#file.write(rest));
    }
    this.#waiting = [];
    this.#bytes = 0;
  }
}

/** Whole lines, each with its end; what comes after the last one is no line. */
async function* linesOf(path: string): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(SLICE_BYTES);
  for (;;) {
    const length = await file.read(buffer);
    if (length === null) break;
    let rest = buffer.slice(0, length);
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      yield joined([...parts, rest.subarray(0, end + 1)]);
      parts = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) parts.push(rest);
  }
  if (parts.length > 0) throw new Error("the file was cut off within its last line");
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function parsed(line: Uint8Array, number: number): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line));
  } catch {
    throw faultAt(number, "it is not JSON");
  }
}

function read(value: unknown, number: number): RecordsEntry {
  try {
    return entryOf(value);
  } catch (error) {
    throw faultAt(number, error instanceof Error ? error.message : String(error));
  }
}

function judgeHeader(value: unknown): void {
  if (isDeepStrictEqual(value, HEADER)) return;
  throw faultAt(1, `an export begins with ${JSON.stringify(HEADER)}`);
}

function isEnd(value: unknown): value is Partial<End> {
  return Object(value)["kind"] === "end";
}

function judgeEnd(end: Partial<End>, tally: EntryTally, digest: Hash, number: number): void {
  // Files of earlier programs have fewer kinds.
  if (!isDeepStrictEqual({ ...NONE, ...end.entries }, tally)) {
    throw faultAt(number, "the file has not as many entries as its end says: some are missing");
  }
  if (end.sha256 !== digest.copy().digest("hex")) {
    throw faultAt(number, "the file is not what was written: its SHA-256 is another");
  }
}

function faultAt(line: number, what: string): Error {
  return new Error(`line ${line}: ${what}`);
}
