import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { MemoryCache } from "./cache.ts";
import { CacheMaintenance, type Repeat } from "./maintenance.ts";

/** A timer that goes by a clock that a test moves. */
class ManualTimer {
  readonly clock = new ManualClock();
  readonly #works = new Set<{ readonly work: () => void; readonly every: number; due: number }>();

  readonly repeat: Repeat = (work, every) => {
    const entry = { work, every, due: this.clock.monotonic() + every };
    this.#works.add(entry);
    return () => void this.#works.delete(entry);
  };

  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
    for (const entry of this.#works) {
      for (; entry.due <= this.clock.monotonic(); entry.due += entry.every) entry.work();
    }
  }
}

Deno.test("CacheMaintenance has expired entries leave a cache though nobody asks, until it is stopped [S24]", () => {
  const timer = new ManualTimer();
  const cache = new MemoryCache<number>({
    maxSize: 10,
    monotonic: () => timer.clock.monotonic(),
    resolutionMilliseconds: 0,
  });
  const { repeat } = timer;
  using maintenance = new CacheMaintenance({
    sweep: () => cache.sweep(),
    everyMilliseconds: 1000,
    repeat,
  });
  const sizeAfter = (milliseconds: number) => {
    cache.set("a", 1, { ttlSeconds: 1.5 });
    timer.advance(milliseconds);
    return cache.statistics().size;
  };
  assert.equal(sizeAfter(5000), 1, "not started");
  maintenance.start();
  maintenance.start();
  assert.equal(sizeAfter(1000), 1, "not expired");
  assert.equal(sizeAfter(2000), 0);
  maintenance.stop();
  maintenance.stop();
  assert.equal(sizeAfter(5000), 1, "stopped");
  maintenance.start();
  assert.equal(sizeAfter(2000), 0, "started again");
  assert.deepEqual([cache.statistics().hits, cache.statistics().misses], [0, 0]);
});

Deno.test("CacheMaintenance sweeps by the machine's own time, and not once it is disposed of [S24]", async () => {
  const swept = Promise.withResolvers<void>();
  using maintenance = new CacheMaintenance({ sweep: swept.resolve, everyMilliseconds: 1 });
  maintenance.start();
  // The interval itself holds nothing, so something else has to.
  const held = setInterval(() => {}, 1000);
  await swept.promise;
  clearInterval(held);
});

Deno.test("CacheMaintenance keeps no process alive [S24]", async () => {
  const module = new URL("./maintenance.ts", import.meta.url).href;
  // Text of a program of its own, which says on its standard output that it came so far.
  const program = `
    import { CacheMaintenance } from "${module}";
    new CacheMaintenance({ sweep: () => {}, everyMilliseconds: 3_600_000 }).start();
    console.log("started");`;
  const args = ["eval", "--quiet", "--cached-only", program];
  const { code, stdout } = await new Deno.Command("deno", { args, stderr: "inherit" }).output();
  assert.deepEqual([code, new TextDecoder().decode(stdout)], [0, "started\n"]);
});
