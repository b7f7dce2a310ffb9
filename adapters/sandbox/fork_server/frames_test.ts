import assert from "node:assert/strict";
import fc from "fast-check";
import { decodePool, encodeKeep, readReplies, type Reply } from "./frames.ts";
import { DEFAULT_LIMITS } from "../../../domain/execution/limits.ts";

const REPLY_BYTES = 56;

/** A reply as `wire.py` packs it. */
function pack(id: number, stdout: Uint8Array, stderr: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + REPLY_BYTES + stdout.length + stderr.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length - 4, true);
  view.setUint32(4, id, true);
  view.setUint8(9, 3);
  view.setInt32(10, 9, true);
  view.setFloat64(14, 0.25, true);
  view.setFloat64(22, 0.125, true);
  view.setBigUint64(30, 2n ** 40n, true);
  view.setBigUint64(38, 7n, true);
  view.setUint8(47, 1);
  view.setUint32(48, stdout.length, true);
  view.setUint32(52, stderr.length, true);
  frame.set(stdout, 4 + REPLY_BYTES);
  frame.set(stderr, 4 + REPLY_BYTES + stdout.length);
  return frame;
}

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    await Promise.resolve();
    if (at >= bytes.length) return;
    yield bytes.subarray(at, at += size);
  }
  yield bytes.subarray(at);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for await (const reply of readReplies(chunks)) replies.push(reply);
  return replies;
}

Deno.test("readReplies() reads every field of a reply [B6]", async () => {
  const bytes = pack(7, new Uint8Array([1, 2]), new Uint8Array([3]));
  assert.deepEqual(await collect(cut(bytes, [])), [{
    id: 7,
    kind: "ended",
    stream: "stderr",
    cause: "memory",
    waitStatus: 9,
    wallSeconds: 0.25,
    cpuSeconds: 0.125,
    accountedPeakBytes: 2 ** 40,
    largestProcessBytes: 7,
    stdoutTruncated: false,
    stderrTruncated: true,
    stdout: new Uint8Array([1, 2]),
    stderr: new Uint8Array([3]),
    files: new Uint8Array(),
  }]);
});

Deno.test("decodePool() reads the three numbers of a reply [B6]", async () => {
  const stdout = new TextEncoder().encode("8 20 4");
  const [reply] = await collect(cut(pack(0xffffffff, stdout, new Uint8Array()), []));
  assert.ok(reply !== undefined);
  assert.deepEqual(decodePool(reply), { waiting: 8, warm: 20, cold: 4 });
});

Deno.test("encodeKeep() packs a count and the limits of the requests to come [B6]", () => {
  const view = new DataView(encodeKeep(8, DEFAULT_LIMITS).buffer, 4);
  assert.equal(view.byteLength, 79);
  assert.deepEqual([view.getUint8(0), view.getUint32(1, true), view.getUint8(5)], [4, 8, 1]);
  assert.equal(view.getFloat64(6, true), DEFAULT_LIMITS.timeoutSeconds);
  assert.equal(view.getBigUint64(22, true), BigInt(DEFAULT_LIMITS.memoryMb) << 20n);
  assert.deepEqual([view.getUint32(54, true), view.getUint32(58, true)], [0, 0]);
});

Deno.test("readReplies() does not care how the stream is cut [B6]", async () => {
  const output = fc.uint8Array({ maxLength: 200 });
  const replies = fc.array(fc.tuple(fc.nat(), output, output), { minLength: 1, maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(replies, sizes, async (replies, sizes) => {
      const frames = replies.map(([id, stdout, stderr]) => pack(id, stdout, stderr));
      const bytes = new Uint8Array(
        await new Blob(frames.map((frame) => frame.slice())).arrayBuffer(),
      );
      const read = await collect(cut(bytes, sizes));
      assert.deepEqual(read.map(({ id, stdout, stderr }) => [id, stdout, stderr]), replies);
    }),
  );
});
