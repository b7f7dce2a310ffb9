import assert from "node:assert/strict";
import { openHarness } from "./harness.ts";
import { faultsOf, type Revision, runSuite } from "./suite.ts";

/** How many scenarios each revision requires of a server, at the least. */
const REQUIRED: Readonly<Record<Revision, number>> = { "2025-11-25": 30, "2026-07-28": 37 };

for (const revision of ["2025-11-25", "2026-07-28"] as const) {
  Deno.test(`the official suite's scenarios for a server of ${revision} pass, all of them [S22]`, async () => {
    await using harness = openHarness();
    const run = await runSuite(harness.url, revision);
    assert.deepEqual(faultsOf(run), [], run.output.slice(-3000));
    assert.ok(run.required.length >= REQUIRED[revision], `${run.required.length} were required`);
  });
}

Deno.test("the official suite fails where its fixtures are missing [S22]", async () => {
  await using bare = openHarness({});
  const faults = faultsOf(await runSuite(bare.url, "2025-11-25"));
  assert.ok(faults.some((fault) => fault.startsWith("tools-call-simple-text: ")), faults.join());
  assert.ok(!faults.some((fault) => fault.startsWith("server-initialize: ")), faults.join());
});

Deno.test("a run of the suite that tested nothing is a fault, whatever its exit code [S22]", () => {
  const summary = (...lines: string[]) => `...\n=== SUMMARY ===\n${lines.join("\n")}\n`;
  const required = ["ping", "tools-list"];
  const good = summary("✓ ping: 2 passed, 0 failed", "✓ tools-list: 1 passed, 0 failed");
  assert.deepEqual(faultsOf({ code: 0, output: good, required }), []);
  const cases: readonly (readonly [output: string, faults: readonly string[]])[] = [
    ["", ["ping: 0 passed, 0 failed", "tools-list: 0 passed, 0 failed"]],
    [good.replace("2 passed", "0 passed"), ["ping: 0 passed, 0 failed"]],
    [good.replace("2 passed, 0", "2 passed, 1"), ["ping: 2 passed, 1 failed"]],
    [good.replace("✓ ping", "✓ pong"), ["ping: 0 passed, 0 failed"]],
    [good.replace("SUMMARY", "SUMMERY"), [
      "ping: 0 passed, 0 failed",
      "tools-list: 0 passed, 0 failed",
    ]],
  ];
  for (const [output, faults] of cases) {
    assert.deepEqual(faultsOf({ code: 0, output, required }), faults);
  }
  assert.deepEqual(faultsOf({ code: 1, output: good, required }), [
    "the suite ended with exit code 1",
  ]);
  assert.deepEqual(faultsOf({ code: 0, output: good, required: [] }), [
    "the suite requires nothing",
  ]);
});
