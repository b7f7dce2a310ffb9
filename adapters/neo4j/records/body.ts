import { NO_OUTPUT_FILES } from "../../../domain/execution/files.ts";
import type { ExecutionRecord } from "../../../domain/execution/outcome.ts";

/** The length of the head, in bytes, stands first. */
const LENGTH_BYTES = 4;

/** What stands in the head in the place of a long text or a file: its length in bytes. */
interface Head {
  readonly record: ExecutionRecord;
  /** `null`: it cannot be UTF-8, and stands in the record. */
  readonly stdout: number | null;
  readonly stderr: number | null;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** A record as bytes: a head of JSON, then its texts and the contents of its files, as they are. */
export function encodeRecord(record: ExecutionRecord): Uint8Array {
  const stdout = utf8(record.stdout);
  const stderr = utf8(record.stderr);
  const head = {
    record: {
      ...record,
      ...(stdout !== null && { stdout: "" }),
      ...(stderr !== null && { stderr: "" }),
      files: [],
    },
    stdout: stdout?.length ?? null,
    stderr: stderr?.length ?? null,
    files: record.files.map(({ path, content }) => ({ path, size: content.length })),
  } satisfies Head;
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, json.length);
  return joined([
    ...[length, json, stdout ?? new Uint8Array(), stderr ?? new Uint8Array()],
    ...record.files.map(({ content }) => content),
  ]);
}

/** The record that {@link encodeRecord} was given. */
export function decodeRecord(bytes: Uint8Array): ExecutionRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = LENGTH_BYTES;
  const take = (length: number) => bytes.subarray(at, at += length);
  const head: Head = JSON.parse(new TextDecoder().decode(take(view.getUint32(0))));
  const text = (length: number | null, otherwise: string) =>
    length === null
      ? otherwise
      : new TextDecoder("utf-8", { ignoreBOM: true }).decode(take(length));
  const stdout = text(head.stdout, head.record.stdout);
  const stderr = text(head.stderr, head.record.stderr);
  const files = head.files.map(({ path, size }) => ({ path, content: take(size).slice() }));
  return { ...NO_OUTPUT_FILES, ...head.record, stdout, stderr, files };
}

/** Byte arrays, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function utf8(text: string): Uint8Array | null {
  return text.isWellFormed() ? new TextEncoder().encode(text) : null;
}
