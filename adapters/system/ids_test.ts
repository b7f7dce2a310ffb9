import assert from "node:assert/strict";
import { newId } from "./ids.ts";

Deno.test("newId() gives ids that sort in the order of their making [S13]", () => {
  const ids = Array.from({ length: 1000 }, newId);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, 1000);
  assert.match(
    ids[0] ?? "",
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
