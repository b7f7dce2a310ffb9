import { createHash } from "node:crypto";
import { join } from "node:path";
import { type AuditEvent, readAuditText } from "../../domain/audit/event.ts";

const FILE = "audit_spill.ndjson";
const PUT_ASIDE = /^audit_spill\.bad-[0-9a-f]+\.ndjson$/;
const NEWLINE = 10;

/** The file in which events wait for the database. */
export function spillPath(directory: string): string {
  return join(directory, FILE);
}

/** The whole lines of a spill file, each with its end: what comes after them was never acknowledged. */
export async function readLines(path: string): Promise<Uint8Array[]> {
  const lines: Uint8Array[] = [];
  let rest = await read(path);
  for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
    lines.push(rest.subarray(0, end + 1));
    rest = rest.subarray(end + 1);
  }
  return lines;
}

/** The length of lines in the file, in bytes. */
export function lengthOf(lines: readonly Uint8Array[]): number {
  return lines.reduce((length, line) => length + line.length, 0);
}

/** An event's line, whole, at a place in the file. */
export async function writeLine(path: string, line: Uint8Array, at: number): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  await file.seek(at, Deno.SeekMode.Start);
  for (let rest = line; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

/** The event of a line; `null` when it is not one that this program has written. */
export function eventOfLine(line: Uint8Array): AuditEvent | null {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return readAuditText(decoder.decode(line.subarray(0, -1)));
  } catch {
    return null;
  }
}

/** Keeps lines that are no events in a file of their own, the same for the same lines; its name. */
export async function putAside(directory: string, lines: readonly Uint8Array[]): Promise<string> {
  const digest = createHash("sha256");
  for (const line of lines) digest.update(line);
  const name = `audit_spill.bad-${digest.digest("hex").slice(0, 16)}.ndjson`;
  await Deno.writeFile(join(directory, name), ReadableStream.from(lines), { mode: 0o600 });
  return name;
}

/** What a directory's spill file holds, and what was once put aside from one. */
export interface SpillFindings {
  /** Events that wait. */
  readonly waiting: number;
  /** Lines that are no events. */
  readonly damaged: number;
  /** Names of the files with what was put aside. */
  readonly putAside: readonly string[];
}

/** Looks at the spill file in a directory; changes nothing. */
export async function findSpilled(directory: string): Promise<SpillFindings> {
  const lines = await readLines(spillPath(directory));
  const waiting = lines.filter((line) => eventOfLine(line) !== null).length;
  const aside: string[] = [];
  for await (const { name } of Deno.readDir(directory)) if (PUT_ASIDE.test(name)) aside.push(name);
  return { waiting, damaged: lines.length - waiting, putAside: aside.sort() };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
