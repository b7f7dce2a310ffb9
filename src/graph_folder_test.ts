import assert from "node:assert/strict";
import { FACTS, parse } from "../tests/fixtures/configuration.ts";
import { temporaryFolder } from "../tests/fixtures/service.ts";
import { openEngine } from "./compose_graph.ts";

const SEARCH = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", DENO_DIR: null };
const LOG = { write: () => {} };
const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() };

for (const before of ["is made by it", "was open to everyone"]) {
  Deno.test(`openEngine() lets nobody else into its folder, which ${before} [S9, B3]`, async () => {
    await using folder = await temporaryFolder();
    const graph = `${folder.path}/graph`;
    if (before !== "is made by it") await Deno.mkdir(graph, { mode: 0o755 });
    const config = parse({ DATA_DIR: folder.path }, { ...FACTS, deno: "deno" });
    await using _engine = await openEngine(config, SEARCH, { log: LOG, clock: CLOCK });
    assert.equal(((await Deno.stat(graph)).mode ?? 0) & 0o777, 0o700);
  });
}
