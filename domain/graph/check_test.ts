import assert from "node:assert/strict";
import fc from "fast-check";
import { GraphCheck, MAX_TEXT_LENGTH } from "./check.ts";
import { nameFault } from "./names.ts";

/** What a property's value comes out as, and how many faults it has. */
function judged(value: unknown): readonly [value: unknown, faults: number] {
  const check = new GraphCheck("keep");
  const { properties } = check.node({ key: "a", labels: [], properties: { p: value } }, "");
  return [properties.p, check.faults.length];
}

const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float = fc.double({ noNaN: true, noDefaultInfinity: true });
const text = fc.string({ unit: "grapheme" }).filter((text) => !/(?![\t\n\r])\p{Cc}/u.test(text));

Deno.test("GraphCheck lets every value that a property can have through as it is [S9]", () => {
  const scalar = fc.oneof(integer, float, text, fc.boolean());
  const list = fc.oneof(
    ...[integer, float, text, fc.boolean()].map((kind) => fc.array<unknown>(kind)),
  );
  fc.assert(fc.property(fc.oneof(scalar, list, fc.constant(null)), (value) => {
    assert.deepEqual(judged(value), [value, 0]);
  }));
});

Deno.test("GraphCheck refuses integers of more than 64 bits and floats that are none [S9]", () => {
  const wrong = [2n ** 63n, -(2n ** 63n) - 1n, 10n ** 30n, NaN, Infinity, -Infinity];
  for (const value of wrong) {
    assert.equal(judged(value)[1], 1, String(value));
    assert.equal(judged([value])[1], 1, String(value));
  }
});

Deno.test("GraphCheck refuses lists of more than one kind, of null, of lists and of maps [S9]", () => {
  const wrong = [[1n, 1], ["a", true], [null], [[]], [{}], [1n, null], [undefined]];
  for (const value of wrong) assert.equal(judged(value)[1], 1, JSON.stringify(value, String));
});

Deno.test("GraphCheck takes the longest text and refuses one that is longer, or no text [S9, S31]", () => {
  assert.equal(judged("x".repeat(MAX_TEXT_LENGTH))[1], 0);
  for (const text of ["x".repeat(MAX_TEXT_LENGTH + 1), "\0", "\ud800", "a\udc00", "\x85"]) {
    assert.equal(judged(text)[1], 1, JSON.stringify(text).slice(0, 20));
  }
});

Deno.test("GraphCheck gives others a turn after so many values, whatever holds them [S9]", () => {
  const turnsOf = (properties: Readonly<Record<string, unknown>>, nodes: number) => {
    const check = new GraphCheck("keep");
    let turns = 0;
    for (let at = 0; at < nodes; at += 1) {
      check.node({ key: "a", labels: [], properties }, "");
      if (check.takeTurn()) turns += 1;
    }
    return turns;
  };
  assert.equal(turnsOf({}, 10_000), 2);
  assert.equal(turnsOf({ list: Array(5000).fill(1n) }, 3), 3);
  assert.equal(turnsOf({ text: "x".repeat(1_048_576) }, 5), 2);
});

Deno.test("nameFault() keeps the service's own names from callers, for what they name alone [S9, S32]", () => {
  assert.notEqual(nameFault("GraphNode", "label"), null);
  assert.notEqual(nameFault("key", "node property"), null);
  for (const kind of ["label", "type", "node property", "relationship property"] as const) {
    assert.equal(nameFault("Person", kind), null);
    assert.notEqual(nameFault("_umcp_generation", kind), null);
    assert.notEqual(nameFault("__proto__", kind), null);
    assert.notEqual(nameFault("a b", kind), null);
    assert.equal(nameFault("_id", kind) === null, kind === "label" || kind === "type");
    if (kind !== "label") assert.equal(nameFault("GraphNode", kind), null);
    if (kind !== "node property") assert.equal(nameFault("key", kind), null);
  }
});
