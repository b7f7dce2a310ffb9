import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeFrame, MAX_FRAME_BYTES, readFrames } from "./frames.ts";

const VALUES = [
  null,
  { a: 2n ** 63n - 1n, b: -0, c: NaN, d: [Infinity, "\0😀", {}], __: undefined },
  "x".repeat(100_000),
  [],
];

Deno.test("readFrames() gives back what encodeFrame() took, however the pipe cuts it [B3]", async () => {
  const bytes = VALUES.flatMap((value) => [...encodeFrame(value)]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 8 }),
      async (cuts) => {
        async function* pipe(): AsyncGenerator<Uint8Array> {
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            yield await Promise.resolve(new Uint8Array(bytes.slice(at, at + cut)));
            at += cut;
          }
        }
        assert.deepEqual(await Array.fromAsync(readFrames(pipe())), VALUES);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("readFrames() leaves out what was cut off, and refuses a length that nobody sends [B3]", async () => {
  const frame = encodeFrame("whole");
  const cut = [frame, frame.subarray(0, 7)];
  assert.deepEqual(await Array.fromAsync(readFrames(pipeOf(cut))), ["whole"]);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, MAX_FRAME_BYTES + 1);
  await assert.rejects(Array.fromAsync(readFrames(pipeOf([head]))), RangeError);
});

async function* pipeOf(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part);
}
