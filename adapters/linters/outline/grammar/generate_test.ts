import assert from "node:assert/strict";
import { generated } from "../../../python_syntax/grammar/generate.ts";

Deno.test("the JavaScript parser's tables are those of its grammar [S18]", async () => {
  const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
  const files = generated(await read("javascript.grammar"), "javascript.grammar");
  for (const [name, text] of Object.entries(files)) {
    assert.ok(await read(name) === text, `${name} is not what 'deno task grammar' writes`);
  }
});
