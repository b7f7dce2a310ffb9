import assert from "node:assert/strict";
import { charactersIn, Patience } from "./patience.ts";

function ending(size: number, bounds: { milliseconds?: number; mostHeld?: number }) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = { over: false };
  const patience = new Patience(() => size, () => {
    seen.over = true;
    resolve();
  }, bounds);
  return { patience, seen, over: promise };
}

Deno.test("Patience is over when nothing is taken for too long [B5]", async () => {
  const { patience, seen, over } = ending(1, { milliseconds: 5 });
  patience.wait();
  assert.equal(seen.over, false);
  await over;
});

Deno.test("Patience begins anew with each piece taken, and ends with the last [B5]", async () => {
  const { patience, seen } = ending(1, { milliseconds: 30 });
  for (let piece = 0; piece < 5; piece += 1) {
    patience.wait();
    await new Promise((resolve) => setTimeout(resolve, 1));
    patience.stop();
  }
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(seen.over, false);
});

Deno.test("Patience ends for the answers that have waited longest where all hold too much [B5]", () => {
  const bounds = { mostHeld: 250 };
  const all = Array.from({ length: 4 }, () => ending(100, bounds));
  const [first, second, third, fourth] = all;
  first?.patience.wait();
  second?.patience.wait();
  first?.patience.wait();
  third?.patience.wait();
  const overs = () => all.map(({ seen }) => seen.over);
  assert.deepEqual(overs(), [false, true, false, false], "the first has taken something since");
  fourth?.patience.wait();
  assert.deepEqual(overs(), [true, true, false, false]);
  for (const { patience } of all) patience.stop();
  fourth?.patience.wait();
  third?.patience.wait();
  assert.deepEqual(overs(), [true, true, false, false], "what has been sent is no longer held");
  for (const { patience } of all) patience.stop();
});

Deno.test("charactersIn() counts the texts of a value [B5]", () => {
  assert.equal(charactersIn({ a: "12", b: [{ c: "345" }, 6, null, true], d: "" }), 5);
});
