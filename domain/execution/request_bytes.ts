import type { ExecutionRequest } from "./request.ts";

/** The length of the head, in bytes, stands first. */
const LENGTH_BYTES = 4;

/** The request without the contents of its files, which follow it. */
interface Head extends Omit<ExecutionRequest, "files"> {
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** A request as bytes: a head of JSON, then the contents of its files, as they are. */
export function encodeRequest(request: ExecutionRequest): Uint8Array {
  const files = request.files.map(({ path, content }) => ({ path, size: content.length }));
  const head = new TextEncoder().encode(JSON.stringify({ ...request, files } satisfies Head));
  const contents = request.files.map(({ content }) => content);
  const size = contents.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(LENGTH_BYTES + head.length + size);
  new DataView(bytes.buffer).setUint32(0, head.length);
  let at = LENGTH_BYTES;
  for (const part of [head, ...contents]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The request that {@link encodeRequest} was given; the shape of the head is not checked. */
export function decodeRequest(bytes: Uint8Array): ExecutionRequest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = LENGTH_BYTES;
  const take = (length: number) => bytes.subarray(at, at += length);
  const head: Head = JSON.parse(new TextDecoder().decode(take(view.getUint32(0))));
  const files = head.files.map(({ path, size }) => ({ path, content: take(size).slice() }));
  return { ...head, files };
}
