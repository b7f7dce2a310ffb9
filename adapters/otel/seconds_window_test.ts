import { strictEqual } from "node:assert/strict";
import { SecondsWindow } from "./seconds_window.ts";

const sum = (left: number, right: number) => left + right;

Deno.test("SecondsWindow folds what lies inside the window and forgets the rest", () => {
  const window = new SecondsWindow(60, sum);
  window.add(1, 0);
  window.add(1, 999);
  window.add(1, 30_000);
  strictEqual(window.total(59_999), 3);
  strictEqual(window.total(60_000), 1);
  strictEqual(window.total(90_000), 0);
});

Deno.test("SecondsWindow reuses a slot without carrying its old value over", () => {
  const window = new SecondsWindow(10, Math.max);
  window.add(5, 1_000);
  window.add(2, 11_000);
  strictEqual(window.total(11_000), 2);
});

Deno.test("SecondsWindow is 0 when nothing was added", () => {
  strictEqual(new SecondsWindow(10, Math.max).total(123_456), 0);
});
