import assert from "node:assert/strict";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

interface Hints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** It changes nothing that anyone could see later but a record of its own. */
const READS: Hints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** A program may do anything, but behind walls, and of what it does nothing is left. */
const RUNS: Hints = { ...READS, readOnlyHint: false, idempotentHint: false };

/** What each tool tells of itself; nothing that runs here reaches another network. */
const HINTS: Readonly<Record<string, Hints>> = {
  execute_code: RUNS,
  run_tests: RUNS,
  lint_code: READS,
  generate_code: READS,
  graph_query: READS,
  // Adds, and writes over properties of the same name; sent once more it changes nothing.
  graph_upsert: { ...READS, readOnlyHint: false, destructiveHint: true },
};

for (const era of ERAS) {
  Deno.test(`/mcp tells a ${era.name} client of every tool what it does to the world [S22]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { tools } = await connected.client.listTools();
    assert.ok(tools.length >= 3);
    for (const { name, title, description, annotations, outputSchema } of tools) {
      assert.deepEqual(annotations, HINTS[name], name);
      assert.match(title ?? "", /^[A-Z]/, name);
      assert.ok((description ?? "").length > 40 && outputSchema !== undefined, name);
    }
  });
}
