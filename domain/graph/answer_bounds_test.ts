import assert from "node:assert/strict";
import { isFailure } from "../errors.ts";
import { AnswerSize, MAX_ANSWER_BYTES, MAX_ANSWER_VALUES } from "./answer_bounds.ts";

const ROOM = MAX_ANSWER_BYTES - 1;

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const FITTING: readonly [what: string, columns: string[], rows: unknown[][]][] = [
  ["nothing", [], []],
  ["as much text as may be", ["x"], [["x".repeat(ROOM)]]],
  ["as many values as may be", ["x"], [[Array(MAX_ANSWER_VALUES - 1).fill(1)]]],
  ["what is nested deeply", ["x"], [[nested(150_000)]]],
];

const TOO_LARGE: readonly [what: string, columns: string[], rows: unknown[][]][] = [
  ["a long text", ["x"], [["x".repeat(ROOM + 1)]]],
  ["characters of four bytes", ["x"], [["😀".repeat(MAX_ANSWER_BYTES / 4)]]],
  ["many texts", ["x"], Array.from({ length: 9 }, () => ["x".repeat(1_000_000)])],
  ["many rows of a long name", ["x".repeat(60_000)], Array.from({ length: 150 }, () => [1])],
  ["long keys", ["x"], [[{ ["k".repeat(ROOM)]: 1 }]]],
  ["many values", ["x"], [[Array(MAX_ANSWER_VALUES).fill(1)]]],
  ["many values in many lists", ["x"], Array.from({ length: 101 }, () => [Array(2_000).fill(1)])],
  ["properties of many nodes", ["n"], [[
    Array.from({ length: 20_000 }, (_, at) => ({ _id: at, _labels: ["L"], ...Array(10).fill(1) })),
  ]]],
  ["what is nested without end", ["x"], [[nested(MAX_ANSWER_VALUES)]]],
  ["bytes", ["x"], [[new Uint8Array(MAX_ANSWER_VALUES)]]],
];

function addAll(columns: readonly string[], rows: readonly unknown[][]): void {
  const size = new AnswerSize();
  for (const row of rows) size.addRow(columns, row);
}

for (const [what, columns, rows] of FITTING) {
  Deno.test(`AnswerSize takes ${what} [S10, B3]`, () => addAll(columns, rows));
}

for (const [what, columns, rows] of TOO_LARGE) {
  Deno.test(`AnswerSize refuses ${what} [S10, B3]`, () => {
    assert.throws(
      () => addAll(columns, rows),
      (error) => isFailure(error, "query_invalid"),
    );
  });
}
