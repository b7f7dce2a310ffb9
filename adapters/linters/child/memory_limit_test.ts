import assert from "node:assert/strict";
import { withMemoryLimit } from "./memory_limit.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A custom section before it, and an export of the memory behind it. */
const CUSTOM = [0, 3, 1, 0x61, 7];
const EXPORT = [7, 7, 1, 3, 0x6d, 0x65, 0x6d, 2, 0];
const PAGE = 65_536;

function memoryOf(module: Uint8Array<ArrayBuffer>): WebAssembly.Memory {
  const { mem } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  assert.ok(mem instanceof WebAssembly.Memory);
  return mem;
}

/** Memory sections: of one page, with no bound, and with a wide one. */
const SECTIONS = [[5, 3, 1, 0, 1], [5, 5, 1, 1, 1, 0x80, 0x04]];

Deno.test("withMemoryLimit() lets a module's memory grow so far and no further [S18]", () => {
  for (const section of SECTIONS) {
    const module = Uint8Array.from([...HEADER, ...CUSTOM, ...section, ...EXPORT]);
    const memory = memoryOf(withMemoryLimit(module, 300 * PAGE));
    assert.equal(memory.buffer.byteLength, PAGE);
    memory.grow(299);
    assert.equal(memory.buffer.byteLength, 300 * PAGE);
    assert.throws(() => memory.grow(1), RangeError);
  }
});

Deno.test("withMemoryLimit() refuses what it cannot limit [S18]", () => {
  const none = Uint8Array.from([...HEADER, ...CUSTOM]);
  assert.throws(() => withMemoryLimit(none, PAGE), /it has none/);
  const two = Uint8Array.from([...HEADER, 5, 5, 2, 0, 1, 0, 1]);
  assert.throws(() => withMemoryLimit(two, PAGE), /found 2 memories/);
  assert.throws(() => withMemoryLimit(none.subarray(0, 9), PAGE), /cut off/);
});
