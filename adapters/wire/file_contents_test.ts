import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { DomainError } from "../../domain/errors.ts";
import { decodeContents, encodeFiles } from "./file_contents.ts";

const MIB = 1024 * 1024;
const BASE64 = "base64 with '+', '/' and its padding, without spaces";

async function roundTrip(content: Uint8Array) {
  const [wire] = await encodeFiles([{ path: "a", content }]);
  assert.ok(wire !== undefined);
  const [back] = await decodeContents([wire]);
  return { wire, back: back?.content };
}

Deno.test("encodeFiles() gives text for UTF-8 and base64 for all else [B5]", async () => {
  const encoder = new TextEncoder();
  const files = [
    ["empty", new Uint8Array()],
    ["text", encoder.encode("\ufeffé\0😀\r\n")],
    ["cut", encoder.encode("é").subarray(0, 1)],
    ["surrogate", new Uint8Array([0xed, 0xa0, 0x80])],
    ["png", new Uint8Array([0x89, 0x50])],
  ] as const;
  assert.deepEqual(await encodeFiles(files.map(([path, content]) => ({ path, content }))), [
    { path: "empty", content: "", encoding: "utf-8", size: 0 },
    { path: "text", content: "\ufeffé\0😀\r\n", encoding: "utf-8", size: 12 },
    { path: "cut", content: "ww==", encoding: "base64", size: 1 },
    { path: "surrogate", content: "7aCA", encoding: "base64", size: 3 },
    { path: "png", content: "iVA=", encoding: "base64", size: 2 },
  ]);
});

Deno.test("encodeFiles() and decodeContents() change no byte [B5]", async () => {
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual((await roundTrip(every)).back, every);
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 99 }), async (bytes) => {
    assert.deepEqual((await roundTrip(bytes)).back, bytes);
  }));
});

for (const shift of [0, 1, 2, 3]) {
  Deno.test(`contents of megabytes are the same over every piece's end, from ${shift} on [B5]`, async () => {
    const text = "x".repeat(shift) + "aé€😀".repeat(60_000);
    const long = new TextEncoder().encode(text);
    const asText = await roundTrip(long);
    assert.equal(asText.wire.content, text);
    assert.deepEqual(asText.back, long);
    const binary = Uint8Array.from({ length: 2 * MIB + shift }, (_, at) => (at * 7) >> (at & 7));
    const asBase64 = await roundTrip(binary);
    assert.equal(asBase64.wire.encoding, "base64");
    assert.deepEqual(asBase64.back, binary);
  });
}

const SPOILT = ["A", "AA", "AAA", "AAA=A", "AA=", "A===", "AA==AA==", "AP8", "AP 8", "AP8=\n"];
SPOILT.push("AP-_", "Ä", "AP9=", "====", "=", `${"A".repeat(196_606)}==AAAA`);

for (const content of SPOILT) {
  const found = `a string of ${content.length} character${content.length === 1 ? "" : "s"}`;
  Deno.test(`decodeContents() refuses ${JSON.stringify(content.slice(-12))} of ${content.length} as base64 [B5, S35]`, async () => {
    const good = { path: "a", content: "AP8=", encoding: "base64" } as const;
    await assert.rejects(decodeContents([good, { ...good, content }]), (error) => {
      assert.ok(error instanceof DomainError && error.failure.code === "validation_failed");
      const pointer = "/files/1/content";
      assert.deepEqual(error.failure.errors, [{ pointer, expected: BASE64, found }]);
      return true;
    });
  });
}

Deno.test("contents of 8 MiB, whole or in many files, give the event loop its turns [B5]", async () => {
  const binary = new Uint8Array(8 * MIB).fill(0xff);
  const many = Array.from({ length: 64 }, (_, at) => ({
    path: `${at}`,
    content: binary.subarray(0, MIB / 8),
  }));
  for (const files of [[{ path: "a", content: binary }], many]) {
    let turns = 0;
    let done = false;
    const counting = (async () => {
      for (; !done; turns += 1) await nextTurn();
    })();
    const wire = await encodeFiles(files);
    const encodingTurns = turns;
    await decodeContents(wire);
    done = true;
    await counting;
    assert.ok(encodingTurns >= 30 && turns - encodingTurns >= 30, `${encodingTurns}, ${turns}`);
  }
});
