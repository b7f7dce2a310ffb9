import { ok, strictEqual } from "node:assert/strict";
import { DistinctWindow } from "./distinct_window.ts";
import { createTelemetry } from "./telemetry.ts";
import { scrape, telemetryParts } from "./telemetry_fixture.ts";

const MINUTE_MS = 60_000;

Deno.test("DistinctWindow.estimate() tells few texts exactly, however often they come [S37]", () => {
  const window = new DistinctWindow(7);
  strictEqual(window.estimate(0), 0);
  for (let round = 0; round < 100; round += 1) {
    for (const user of ["ann", "ben", "", "ann "]) window.add(user, round);
  }
  strictEqual(window.estimate(100), 4);
});

Deno.test("DistinctWindow.estimate() errs by less than 8 % for any number of texts [S37]", () => {
  for (const seed of [0, 1, 0xffffffff]) {
    const window = new DistinctWindow(seed);
    let seen = 0;
    for (const count of [50, 1000, 4000, 6000, 20_000, 200_000]) {
      while (seen < count) window.add(`user-${seen++}`, 1);
      const found = window.estimate(1);
      ok(Math.abs(found - count) <= 0.08 * count, `${found} of ${count}, seed ${seed}`);
    }
  }
});

Deno.test("DistinctWindow.estimate() forgets whom an hour has not seen [S37]", () => {
  const window = new DistinctWindow(7);
  window.add("ann", 0);
  window.add("ben", 30 * MINUTE_MS);
  strictEqual(window.estimate(30 * MINUTE_MS), 2);
  strictEqual(window.estimate(58 * MINUTE_MS), 2);
  strictEqual(window.estimate(61 * MINUTE_MS), 1);
  window.add("cy", 62 * MINUTE_MS);
  strictEqual(window.estimate(62 * MINUTE_MS), 2);
  strictEqual(window.estimate(91 * MINUTE_MS), 1);
  strictEqual(window.estimate(200 * MINUTE_MS), 0);
});

Deno.test("OtelTelemetry.record() counts each user of the last hour once, and tells none [S37]", async () => {
  const parts = telemetryParts();
  await using telemetry = createTelemetry(parts);
  for (const user of ["ann", "ben", "ann"]) telemetry.record({ kind: "user_seen", user });
  strictEqual((await scrape(telemetry)).get("unique_users"), 2);
  ok(!(await telemetry.text()).includes("ann"));
  parts.clock.advance(3_700_000);
  strictEqual((await scrape(telemetry)).get("unique_users"), 0);
});
