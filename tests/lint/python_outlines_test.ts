import assert from "node:assert/strict";
import { compareModules } from "./python_outlines.ts";

Deno.test("outlineOf() finds in modules of the standard library what Python's ast does [S18]", async () => {
  const compared = await compareModules("/usr/bin/python3", 20);
  assert.ok(compared > 20, `only ${compared} modules`);
});
