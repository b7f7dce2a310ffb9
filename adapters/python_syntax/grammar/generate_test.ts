import assert from "node:assert/strict";
import { generated } from "./generate.ts";

Deno.test("the parser's tables are those of its grammar [S17]", async () => {
  const read = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));
  for (const [name, text] of Object.entries(generated(await read("python.grammar")))) {
    assert.ok(await read(name) === text, `${name} is not what 'deno task grammar' writes`);
  }
});
