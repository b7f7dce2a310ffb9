import assert from "node:assert/strict";
import { isFailure } from "../errors.ts";
import { type Load, SingleFlight } from "./single_flight.ts";

/** A load that a test ends, with what it was told. */
function held() {
  const loads: (PromiseWithResolvers<string> & { readonly signal: AbortSignal })[] = [];
  const load: Load<string> = (signal) => {
    const ending = Promise.withResolvers<string>();
    loads.push({ ...ending, signal });
    return ending.promise;
  };
  return { loads, load };
}

const stays = () => new AbortController().signal;
const isCancelled = (error: unknown) => isFailure(error, "cancelled");

Deno.test("SingleFlight.run() gives one load to 1,000 who ask at once, and tells who began it [S23]", async () => {
  const flights = new SingleFlight<string>();
  const { loads, load } = held();
  const asked = Array.from({ length: 1000 }, () => flights.run("a", load, stays()));
  const other = flights.run("b", load, stays());
  assert.deepEqual([loads.length, flights.size], [2, 2]);
  loads[0]?.resolve("done");
  loads[1]?.resolve("other");
  const landed = await Promise.all(asked);
  assert.ok(landed.every(({ value }) => value === "done"));
  assert.deepEqual(landed.map(({ shared }) => shared).slice(0, 2), [false, true]);
  assert.equal(landed.filter(({ shared }) => !shared).length, 1);
  assert.deepEqual(await other, { value: "other", shared: false });
  assert.equal(flights.size, 0);
});

Deno.test("SingleFlight.run() begins anew once a load has ended, however it did [S23]", async () => {
  const flights = new SingleFlight<string>();
  const { loads, load } = held();
  const failing = [flights.run("a", load, stays()), flights.run("a", load, stays())];
  loads[0]?.reject(new Error("broken"));
  for (const run of failing) await assert.rejects(run, /broken/);
  const again = flights.run("a", load, stays());
  loads[1]?.resolve("well");
  assert.deepEqual(await again, { value: "well", shared: false });
  assert.deepEqual([loads.length, flights.size], [2, 0]);
});

Deno.test("SingleFlight.run() lets some leave and goes on for the others, who began it or not [S23]", async () => {
  const flights = new SingleFlight<string>();
  const { loads, load } = held();
  const callers = Array.from({ length: 3 }, () => new AbortController());
  const runs = callers.map(({ signal }) => flights.run("a", load, signal));
  callers[0]?.abort();
  callers[2]?.abort();
  await assert.rejects(runs[0] ?? assert.fail(), isCancelled);
  await assert.rejects(runs[2] ?? assert.fail(), isCancelled);
  assert.equal(loads[0]?.signal.aborted, false);
  loads[0]?.resolve("done");
  assert.equal((await runs[1])?.value, "done");
  callers[1]?.abort();
  assert.equal(loads[0]?.signal.aborted, false, "nobody left before the end");
});

Deno.test("SingleFlight.run() aborts a load that all have left; the last sees it to its end [S23]", async () => {
  const flights = new SingleFlight<string>();
  const { loads, load } = held();
  const callers = Array.from({ length: 2 }, () => new AbortController());
  const runs = callers.map(({ signal }) => flights.run("a", load, signal));
  for (const caller of callers) caller.abort();
  await assert.rejects(runs[0] ?? assert.fail(), isCancelled);
  assert.equal(loads[0]?.signal.aborted, true);
  const next = flights.run("a", load, stays());
  assert.equal(loads.length, 2, "nobody joins what was aborted");
  loads[0]?.reject(new Error("ended early"));
  await assert.rejects(runs[1] ?? assert.fail(), /ended early/);
  const joined = flights.run("a", load, stays());
  assert.equal(loads.length, 2, "its end has not ended the next");
  loads[1]?.resolve("done");
  assert.deepEqual([(await next).value, (await joined).shared], ["done", true]);
});

Deno.test("SingleFlight.run() begins nothing for who has left already [S23]", async () => {
  const flights = new SingleFlight<string>();
  const { loads, load } = held();
  await assert.rejects(flights.run("a", load, AbortSignal.abort()), isCancelled);
  assert.deepEqual([loads.length, flights.size], [0, 0]);
});
