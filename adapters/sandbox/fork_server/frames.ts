/** The frames exchanged with the fork server's broker; `python/wire.py` is the other half. */

import type { InputFile } from "../../../domain/execution/files.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { Language } from "../../../domain/execution/language.ts";
import type { OutputStream } from "../../../domain/ports/execution_runner.ts";

const RUN = 1;
const CANCEL = 2;
const KEEP = 4;
const TAKEN = 5;
const STREAMED = 1;
const LANGUAGE_CODES: { readonly [L in Language]: number } = {
  python: 0,
  javascript: 1,
  bash: 2,
};
const REQUEST_BYTES = 79;
const REPLY_BYTES = 56;
const JOB_BYTES = 16;
const LENGTH_BYTES = 4;
const READ_BYTES = 64 * 1024;
const MEBIBYTE = 1024 * 1024;

/** The id of the reply that tells how the server's start went; its `stdout` is JSON. */
export const START_ID = 0;

/** The id of replies that tell how the pool is; `stdout` is three numbers of {@link PoolState}. */
export const POOL_ID = 0xffffffff;

/** JavaScript processes started ahead, and the runs begun since the server's start. */
export interface PoolState {
  /** Processes that wait for a program. */
  readonly waiting: number;
  /** Runs that one of them took. */
  readonly warm: number;
  /** Runs that had to start a process of their own. */
  readonly cold: number;
}

/** Kinds of replies, by their numbers in `wire.py`. */
const KINDS: Readonly<Record<number, Reply["kind"]>> = { 1: "fault", 6: "told" };

/** Causes of an end, in the order of `wire.py`. */
export const CAUSES = ["itself", "timeout", "cpu", "memory", "order", "output"] as const;

/** One reply, as it came. */
export interface Reply {
  readonly id: number;
  /**
   * `ended`: the run is over. `fault`: it could not be walled in and never started; `stdout` says why.
   * `told`: `stdout` is a piece of its output, and `stream` says of which.
   */
  readonly kind: "ended" | "fault" | "told";
  readonly stream: OutputStream;
  readonly cause: (typeof CAUSES)[number];
  /** As wait(2) gives it. */
  readonly waitStatus: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly accountedPeakBytes: number;
  readonly largestProcessBytes: number;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** As `wire.py` has them; empty where none were wanted. */
  readonly files: Uint8Array;
}

const encoder = new TextEncoder();

/** The frame that asks for a run; `streamed`: its outputs are told as they come. */
export function encodeRun(
  id: number,
  request: ExecutionRequest,
  streamed = false,
): Uint8Array<ArrayBuffer> {
  const job = jobOf(request);
  const input = encoder.encode(request.stdin);
  const patterns = encodeWords(request.outputs.patterns);
  const [jobLength, bodyLength] = [JOB_BYTES + lengthOf(job), input.length + patterns.length];
  const frame = new Uint8Array(LENGTH_BYTES + REQUEST_BYTES + jobLength + bodyLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length - LENGTH_BYTES, true);
  const head = new DataView(frame.buffer, LENGTH_BYTES);
  encodeHead(head, [RUN, id], request, [jobLength, input.length]);
  head.setUint8(62, streamed ? STREAMED : 0);
  head.setUint32(63, patterns.length, true);
  head.setUint32(67, request.outputs.maxFiles, true);
  head.setBigUint64(71, BigInt(request.outputs.maxBytes), true);
  let at = LENGTH_BYTES + REQUEST_BYTES;
  for (const part of job) {
    view.setUint32(at, part.length, true);
    at += 4;
  }
  for (const part of [...job, input, patterns]) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** Code, arguments, NAME=value pairs and files. */
function jobOf({ code, args, environment, files }: ExecutionRequest): Uint8Array[] {
  const pairs = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [encoder.encode(code), encodeWords(args), encodeWords(pairs), encodeFiles(files)];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** Each file as the lengths of its path and content, then these. */
function encodeFiles(files: readonly InputFile[]): Uint8Array {
  const parts = files.flatMap(({ path, content }) => {
    const name = encoder.encode(path);
    const lengths = new Uint8Array(2 * LENGTH_BYTES);
    viewOf(lengths).setUint32(0, name.length, true);
    viewOf(lengths).setUint32(LENGTH_BYTES, content.length, true);
    return [lengths, name, content];
  });
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeWords(words: readonly string[]): Uint8Array {
  return encoder.encode(words.map((word) => `${word}\0`).join(""));
}

function encodeHead(
  view: DataView,
  [operation, id]: readonly [number, number],
  { language, limits }: Pick<ExecutionRequest, "language" | "limits">,
  lengths: readonly [number, number],
): void {
  view.setUint8(0, operation);
  view.setUint32(1, id, true);
  view.setUint8(5, LANGUAGE_CODES[language]);
  view.setFloat64(6, limits.timeoutSeconds, true);
  view.setFloat64(14, limits.cpuSeconds, true);
  view.setBigUint64(22, BigInt(limits.memoryMb * MEBIBYTE), true);
  view.setUint32(30, limits.processes, true);
  view.setUint32(34, limits.openFiles, true);
  view.setBigUint64(38, BigInt(limits.fileSizeMb * MEBIBYTE), true);
  view.setBigUint64(46, BigInt(limits.outputKb * 1024), true);
  view.setUint32(54, lengths[0], true);
  view.setUint32(58, lengths[1], true);
}

/** The frame that has so many JavaScript processes started ahead, with these limits. */
export function encodeKeep(count: number, limits: ExecutionLimits): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(LENGTH_BYTES + REQUEST_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(0, REQUEST_BYTES, true);
  const head = new DataView(frame.buffer, LENGTH_BYTES);
  encodeHead(head, [KEEP, count], { language: "javascript", limits }, [0, 0]);
  return frame;
}

/** What a reply with {@link POOL_ID} tells. */
export function decodePool(reply: Reply): PoolState {
  const [waiting = 0, warm = 0, cold = 0] = new TextDecoder().decode(reply.stdout).split(" ")
    .map(Number);
  return { waiting, warm, cold };
}

/** The frame that ends a run before its time. */
export function encodeCancel(id: number): Uint8Array<ArrayBuffer> {
  return encodeShort(CANCEL, id);
}

/** The frame that says that so many bytes of a run's output have been taken. */
export function encodeTaken(id: number, bytes: number): Uint8Array<ArrayBuffer> {
  const frame = encodeShort(TAKEN, id);
  viewOf(frame).setBigUint64(LENGTH_BYTES + 22, BigInt(bytes), true);
  return frame;
}

/** A frame of an id, and whatever comes behind it. */
export function encodeShort(
  operation: number,
  id: number,
  rest = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(LENGTH_BYTES + REQUEST_BYTES + rest.length);
  frame.set(rest, LENGTH_BYTES + REQUEST_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(0, REQUEST_BYTES + rest.length, true);
  view.setUint8(LENGTH_BYTES, operation);
  view.setUint32(LENGTH_BYTES + 1, id, true);
  return frame;
}

/**
 * What a byte stream brings, in chunks of their own. All are read into one buffer: a stream read
 * otherwise makes a new one of 64 KiB for each.
 */
export async function* readChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new Uint8Array(READ_BYTES);
  while (true) {
    const { done, value } = await reader.read(buffer);
    if (done) return;
    yield value.slice();
    buffer = new Uint8Array(value.buffer);
  }
}

/** Cuts a stream of chunks into replies. A chunk may hold many frames, or a part of one. */
export async function* readReplies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Reply> {
  const pending = new Pending();
  for await (const chunk of chunks) {
    pending.push(chunk);
    for (let frame = pending.take(); frame !== null; frame = pending.take()) {
      yield decodeReply(frame);
    }
  }
}

/** Bytes that came and are not yet a whole frame; joined only once a frame is whole. */
class Pending {
  #chunks: Uint8Array[] = [];
  #size = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  take(): Uint8Array | null {
    if (this.#size < LENGTH_BYTES) return null;
    if ((this.#chunks[0]?.length ?? 0) < LENGTH_BYTES) this.#join();
    const first = this.#chunks[0] ?? new Uint8Array();
    const end = LENGTH_BYTES + viewOf(first).getUint32(0, true);
    if (this.#size < end) return null;
    if (first.length < end) this.#join();
    const whole = this.#chunks[0] ?? first;
    const rest = whole.subarray(end);
    this.#size -= end;
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    return whole.subarray(LENGTH_BYTES, end);
  }

  #join(): void {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [whole];
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decodeReply(frame: Uint8Array): Reply {
  const view = viewOf(frame);
  const stdoutEnd = REPLY_BYTES + view.getUint32(44, true);
  const stderrEnd = stdoutEnd + view.getUint32(48, true);
  return {
    id: view.getUint32(0, true),
    kind: KINDS[view.getUint8(4)] ?? "ended",
    stream: view.getUint8(5) === 0 ? "stdout" : "stderr",
    cause: CAUSES[view.getUint8(5)] ?? "itself",
    waitStatus: view.getInt32(6, true),
    wallSeconds: view.getFloat64(10, true),
    cpuSeconds: view.getFloat64(18, true),
    accountedPeakBytes: Number(view.getBigUint64(26, true)),
    largestProcessBytes: Number(view.getBigUint64(34, true)),
    stdoutTruncated: view.getUint8(42) !== 0,
    stderrTruncated: view.getUint8(43) !== 0,
    stdout: frame.subarray(REPLY_BYTES, stdoutEnd),
    stderr: frame.subarray(stdoutEnd, stderrEnd),
    files: frame.subarray(stderrEnd, stderrEnd + view.getUint32(52, true)),
  };
}
