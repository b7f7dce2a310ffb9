import assert from "node:assert/strict";
import { isGraphAnswer, isGraphMetrics } from "./kept_answer.ts";
import type { GraphMetrics } from "./metrics.ts";
import type { GraphAnswer } from "./query.ts";
import type { GraphNode, GraphRelationship } from "./value.ts";

const NODE: GraphNode = {
  kind: "node",
  key: null,
  id: "1",
  labels: ["A"],
  properties: { a: [1n] },
};
const LINK: GraphRelationship = {
  ...{ kind: "relationship", type: "T", start: "a", end: "b", properties: { a: null } },
};
const VALUES = [
  ...[null, "a", true, 1n, NaN, ["a", [null]], NODE, LINK],
  { kind: "path", nodes: [NODE, { ...NODE, key: "k" }], relationships: [LINK] },
  { kind: "temporal", iso: "2026-01-01" },
  { kind: "point", srid: 4326, coordinates: [1, 2] },
  { kind: "map", entries: { __proto__: null, a: { kind: "map", entries: {} } } },
] as const;
const ANSWER: GraphAnswer = {
  columns: VALUES.map((_, at) => `c${at}`),
  rows: [VALUES, []],
  ...{ truncated: false, repeatable: true, generation: "7" },
};
const METRICS: GraphMetrics = {
  ...{ nodeCount: 1, relationshipCount: 0, labels: { A: 1 }, relationshipTypes: {} },
};

Deno.test("isGraphAnswer() takes every kind of value that an answer can hold [S12, S25]", () => {
  assert.ok(isGraphAnswer(ANSWER));
});

Deno.test("isGraphAnswer() refuses what an answer cannot hold, however deep it lies [S12, S25]", () => {
  for (const other of [null, 1, "a", [], {}]) assert.equal(isGraphAnswer(other), false);
  for (const member of ["columns", "rows", "truncated", "repeatable", "generation"]) {
    assert.equal(isGraphAnswer({ ...ANSWER, [member]: null }), false, member);
  }
  const values = [
    ...[undefined, {}, { kind: "other" }, { kind: "toString" }, { ...NODE, labels: "A" }],
    ...[{ ...NODE, id: 1 }, { ...NODE, properties: null }, { ...LINK, start: null }],
    ...[{ ...NODE, properties: { a: {} } }, { kind: "path", nodes: [LINK], relationships: [] }],
    ...[{ kind: "temporal" }, { kind: "point", srid: 1, coordinates: ["1"] }],
    { kind: "map", entries: { a: { kind: "map", entries: { b: {} } } } },
  ];
  for (const value of values) {
    for (const held of [value, [value]]) {
      assert.equal(isGraphAnswer({ ...ANSWER, rows: [[held]] }), false, String(value));
    }
  }
});

Deno.test("isGraphMetrics() takes metrics and nothing else [S12, S25]", () => {
  assert.ok(isGraphMetrics(METRICS));
  for (const other of [null, 1, "a", [], {}]) assert.equal(isGraphMetrics(other), false);
  for (const member of Object.keys(METRICS)) {
    assert.equal(isGraphMetrics({ ...METRICS, [member]: "1" }), false, member);
  }
  assert.equal(isGraphMetrics({ ...METRICS, labels: { A: "1" } }), false);
});
