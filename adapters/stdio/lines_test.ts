import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Line, readLines } from "./lines.ts";

const ENCODER = new TextEncoder();

async function linesOf(chunks: readonly Uint8Array[], mostBytes = 1000): Promise<Line[]> {
  return await Array.fromAsync(readLines(ReadableStream.from(chunks), mostBytes));
}

Deno.test("readLines() gives whole lines however their bytes arrive [S22]", async () => {
  const text = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));
  await fc.assert(fc.asyncProperty(fc.array(text), fc.nat({ max: 7 }), async (texts, size) => {
    const bytes = ENCODER.encode(texts.map((text) => `${text}\n`).join(""));
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size + 1) {
      chunks.push(bytes.slice(at, at + size + 1));
    }
    const expected = texts.map((text) => ({ text: text.toWellFormed().replace(/^\uFEFF/, "") }));
    assert.deepEqual(await linesOf(chunks, 1e6), expected);
  }));
});

Deno.test("readLines() says which line is too long or no UTF-8, and reads on [S22]", async () => {
  const chunks = ["x".repeat(11), `${"x".repeat(990)}\n`, "fits\n", "cut off"].map((text) =>
    ENCODER.encode(text)
  );
  chunks.splice(2, 0, Uint8Array.of(0xff, 0x0a));
  assert.deepEqual(await linesOf(chunks), [
    { fault: "too_long" },
    { fault: "not_utf8" },
    { text: "fits" },
  ]);
  assert.deepEqual(await linesOf([ENCODER.encode(`${"x".repeat(1000)}\n`)]), [
    { text: "x".repeat(1000) },
  ]);
});
