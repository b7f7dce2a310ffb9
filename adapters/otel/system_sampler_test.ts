import { ok, strictEqual } from "node:assert/strict";
import { busyPercent, SystemSampler } from "./system_sampler.ts";

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

Deno.test("busyPercent() is the busy share between two looks [S37]", () => {
  strictEqual(busyPercent({ busy: 100, total: 1000 }, { busy: 175, total: 1100 }), 75);
  strictEqual(busyPercent({ busy: 0, total: 0 }, { busy: 100, total: 100 }), 100);
});

Deno.test("busyPercent() is 0 without a first look and when the counters went back", () => {
  strictEqual(busyPercent(null, { busy: 50, total: 100 }), 0);
  strictEqual(busyPercent({ busy: 50, total: 100 }, { busy: 40, total: 90 }), 0);
});

Deno.test("SystemSampler shows the machine it runs on after its first look [S37]", async () => {
  await using sampler = new SystemSampler({
    clock,
    dataDir: ".",
    countDescriptors: () => Promise.resolve(17),
  });
  await sampler.refreshed();
  const sample = sampler.current();
  ok(sample.memoryUsedBytes > 1_000_000, `found ${sample.memoryUsedBytes}`);
  ok(sample.memoryPercent > 0 && sample.memoryPercent <= 100, `found ${sample.memoryPercent}`);
  ok(sample.diskPercent > 0 && sample.diskPercent <= 100, `found ${sample.diskPercent}`);
  strictEqual(sample.loadAverage.length, 3);
  strictEqual(sample.openDescriptors, 17);
});

Deno.test("SystemSampler keeps its values when a look fails", async () => {
  await using sampler = new SystemSampler({
    clock,
    dataDir: "./no-such-folder",
    countDescriptors: () => Promise.reject(new Error("not permitted")),
  });
  await sampler.refreshed();
  strictEqual(sampler.current().diskPercent, 0);
  strictEqual(sampler.current().openDescriptors, null);
  ok(sampler.current().memoryUsedBytes > 0);
});

Deno.test("SystemSampler.eventLoopLagSeconds() tells of a stall before its late timer runs", async () => {
  let now = 0;
  await using sampler = new SystemSampler({
    clock: { now: () => now, monotonic: () => now },
    dataDir: ".",
  });
  strictEqual(sampler.eventLoopLagSeconds(), 0);
  now = 100;
  strictEqual(sampler.eventLoopLagSeconds(), 0);
  now = 1_350;
  strictEqual(sampler.eventLoopLagSeconds(), 1.25);
});
