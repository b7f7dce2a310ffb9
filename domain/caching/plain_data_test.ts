import assert from "node:assert/strict";
import fc from "fast-check";
import { frozenCopy } from "./plain_data.ts";

function isFrozenThroughout(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout);
}

Deno.test("frozenCopy() is equal, of other objects, and frozen in every part [S23]", () => {
  fc.assert(fc.property(fc.jsonValue(), (made) => {
    const before = structuredClone(made);
    const { value, bytes } = frozenCopy(made);
    assert.deepEqual(value, before);
    assert.ok(isFrozenThroughout(value));
    assert.ok(bytes > 0);
    if (typeof made !== "object" || made === null) return;
    assert.notEqual(value, made);
    assert.ok(!Object.isFrozen(made));
  }));
});

Deno.test("frozenCopy() copies a copy of its own no more, and tells its bytes again [S23]", () => {
  const first = frozenCopy({ a: ["b"] });
  assert.deepEqual(frozenCopy(first.value), first);
  assert.equal(frozenCopy(first.value).value, first.value);
  const frozenByOthers = Object.freeze({ a: ["b"] });
  assert.notEqual(frozenCopy(frozenByOthers).value, frozenByOthers);
});

Deno.test("frozenCopy() tells bytes that grow with what is held [S23]", () => {
  const bytes = (value: unknown) => frozenCopy(value).bytes;
  assert.ok(bytes("x".repeat(1000)) >= 2000);
  assert.ok(bytes(2n ** 8000n) >= 1000);
  assert.ok(bytes(Array.from({ length: 1000 }, () => 1)) >= 8000);
  assert.ok(bytes({ ["n".repeat(1000)]: 1 }) >= 1000);
  assert.ok(bytes([[], [], []]) > bytes([1, 1, 1]));
});

Deno.test("frozenCopy() refuses what is nested without end, and takes what is nested deep [S23]", () => {
  const round: unknown[] = [];
  round.push(round);
  assert.throws(() => frozenCopy(round), TypeError);
  const nested = (depth: number) => {
    let data: unknown = 1;
    for (let at = 0; at < depth; at += 1) data = [data];
    return data;
  };
  assert.throws(() => frozenCopy(nested(100_000)), TypeError);
  assert.deepEqual(frozenCopy(nested(400)).value, nested(400));
});
