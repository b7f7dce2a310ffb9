import assert from "node:assert/strict";
import { compareModules } from "../lint/python_outlines.ts";
import { compareScripts } from "../lint/bash_outlines.ts";

Deno.test("outlineOf() finds in all of the standard library what Python's ast does [S18]", async () => {
  const compared = await compareModules("/usr/bin/python3", 1);
  assert.ok(compared > 300, `only ${compared} modules`);
});

Deno.test("outlineOf() accepts every shell script of this machine that bash accepts [S18]", async () => {
  const compared = await compareScripts(1);
  assert.ok(compared > 100, `only ${compared} scripts`);
});
