import { deserialize, serialize } from "node:v8";

const HEAD_BYTES = 4;
/** Neither an input nor an answer is longer, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * A value as it goes through a pipe: four bytes of length (big-endian), then V8's structured clone, which
 * keeps what JSON loses: bytes, bigint, -0, a key `__proto__` in a map.
 *
 * @throws {RangeError} when it is too long.
 */
export function encodeFrame(value: unknown): Uint8Array<ArrayBuffer> {
  const body = serialize(value);
  ensureShort(body.length);
  const frame = new Uint8Array(HEAD_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEAD_BYTES);
  return frame;
}

/** The values of a pipe, until it ends; what stands after the last whole frame is left out. */
export async function* readFrames(pipe: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  const head = new Uint8Array(HEAD_BYTES);
  let body: Uint8Array | null = null;
  let filled = 0;
  for await (const part of pipe) {
    let rest = part;
    while (rest.length > 0) {
      const target: Uint8Array = body ?? head;
      const taken = rest.subarray(0, target.length - filled);
      target.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled < target.length) break;
      filled = 0;
      if (body !== null) yield deserialize(body);
      body = body === null ? new Uint8Array(lengthIn(head)) : null;
    }
  }
}

function lengthIn(head: Uint8Array): number {
  const length = new DataView(head.buffer).getUint32(0);
  ensureShort(length);
  return length;
}

function ensureShort(bytes: number): void {
  if (bytes > MAX_BYTES) {
    throw new RangeError(`found ${bytes} bytes, expected at most ${MAX_BYTES}`);
  }
}
