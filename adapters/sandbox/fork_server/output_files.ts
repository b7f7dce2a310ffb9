import {
  NO_OUTPUT_FILES,
  OMISSIONS,
  type OmittedFile,
  type OutputFile,
  type OutputFiles,
} from "../../../domain/execution/files.ts";

const HEAD_BYTES = 12;
const FILE_BYTES = 8;
const OMITTED_BYTES = 13;

/** The files of a reply, which `python/wire.py` describes; their contents stay where they are. */
export function decodeFiles(bytes: Uint8Array): OutputFiles {
  if (bytes.length === 0) return NO_OUTPUT_FILES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let at = HEAD_BYTES;
  const take = (length: number) => bytes.subarray(at, at += length);
  const file = (): OutputFile => {
    const [pathLength, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    at += FILE_BYTES;
    return { path: decoder.decode(take(pathLength)), content: take(length) };
  };
  const omitted = (): OmittedFile => {
    const [pathLength, size] = [view.getUint32(at, true), Number(view.getBigInt64(at + 4, true))];
    const reason = OMISSIONS[view.getUint8(at + 12)] ?? "unreadable";
    at += OMITTED_BYTES;
    return { path: decoder.decode(take(pathLength)), size: size < 0 ? null : size, reason };
  };
  return {
    files: Array.from({ length: view.getUint32(0, true) }, file),
    omittedFiles: Array.from({ length: view.getUint32(4, true) }, omitted),
    omittedFileCount: view.getUint32(8, true),
  };
}
