import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { textInTurns, textOf } from "./output_text.ts";

const LONG = 600_000;

/** Long bytes whose characters lie across every border, or are none. */
const KINDS: Readonly<Record<string, Uint8Array>> = {
  "plain letters": new Uint8Array(LONG).fill(97),
  "characters of three bytes": new TextEncoder().encode("€".repeat(LONG / 3)),
  "characters of four bytes, off by one": new TextEncoder().encode(`a${"😀".repeat(LONG / 4)}`),
  "no UTF-8 at all": new Uint8Array(LONG).fill(255),
  "a character that is cut off": new Uint8Array([...new Uint8Array(LONG).fill(97), 0xe2, 0x82]),
  "a byte order mark": new TextEncoder().encode(`\ufeff${"b".repeat(LONG)}`),
};

for (const [kind, bytes] of Object.entries(KINDS)) {
  Deno.test(`textInTurns() gives ${kind} as they are in one piece [S13]`, async () => {
    const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    assert.equal(await textInTurns(bytes) === expected, true);
  });
}

Deno.test("textInTurns() gives a short output at once, and lets the loop turn in a long one [S13]", async () => {
  assert.equal(textInTurns(new TextEncoder().encode("short\n")), "short\n");
  assert.equal(textOf(new Uint8Array([0x6f, 0xff])), "o\ufffd");
  let turns = 0;
  let done = false;
  const long = Promise.resolve(textInTurns(new Uint8Array(LONG))).then(() => done = true);
  while (!done) {
    turns += 1;
    await nextTurn();
  }
  await long;
  assert.ok(turns >= 3, `${turns} turns`);
});
