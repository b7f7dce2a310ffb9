import assert from "node:assert/strict";
import { compareScripts } from "./bash_outlines.ts";

Deno.test("outlineOf() accepts the shell scripts of this machine that bash accepts [S18]", async () => {
  const compared = await compareScripts(5);
  assert.ok(compared > 20, `only ${compared} scripts`);
});
