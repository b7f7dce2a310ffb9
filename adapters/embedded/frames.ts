import { deserialize, serialize } from "node:v8";

const HEAD_BYTES = 4;
/** Neither a question nor an answer is longer, in bytes. */
export const MAX_FRAME_BYTES = 128 * 1024 * 1024;

/** A value that no frame can hold. */
export class FrameTooLong extends RangeError {
  constructor(bytes: number) {
    super(`found ${bytes} bytes, expected at most ${MAX_FRAME_BYTES}`);
    this.name = "FrameTooLong";
  }
}

/**
 * A value as it goes through a pipe: four bytes of length (big-endian), then V8's structured clone, which
 * keeps what JSON loses: bigint, -0, NaN.
 *
 * @throws {FrameTooLong}
 */
export function encodeFrame(value: unknown): Uint8Array<ArrayBuffer> {
  const body = serialize(value);
  if (body.length > MAX_FRAME_BYTES) throw new FrameTooLong(body.length);
  const frame = new Uint8Array(HEAD_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEAD_BYTES);
  return frame;
}

/** The values of a pipe, until it ends; what stands after the last whole frame is left out. */
export async function* readFrames(pipe: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let wanted = HEAD_BYTES;
  for await (const part of pipe) {
    parts.push(part);
    held += part.length;
    if (held < wanted) continue;
    let bytes = joined(parts, held);
    for (;;) {
      if (bytes.length < HEAD_BYTES) break;
      wanted = HEAD_BYTES + lengthIn(bytes);
      if (bytes.length < wanted) break;
      yield deserialize(bytes.subarray(HEAD_BYTES, wanted));
      bytes = bytes.subarray(wanted);
      wanted = HEAD_BYTES;
    }
    parts = [bytes];
    held = bytes.length;
  }
}

function lengthIn(bytes: Uint8Array): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > MAX_FRAME_BYTES) throw new FrameTooLong(length);
  return length;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
