import assert from "node:assert/strict";
import { SharedBody } from "./shared_body.ts";

const TEXT = "é<script>".repeat(40_000);

Deno.test("SharedBody.answer() gives the whole text to each reader [S36]", async () => {
  const shared = new SharedBody(TEXT, "text/javascript");
  const [first, second] = [shared.answer(), shared.answer()];
  assert.equal(first.headers.get("content-length"), String(new TextEncoder().encode(TEXT).length));
  assert.deepEqual(await Promise.all([first.text(), second.text()]), [TEXT, TEXT]);
});

Deno.test("SharedBody.answer() hands over a piece at a time, and copies none [S36]", async () => {
  const shared = new SharedBody(TEXT, "text/javascript");
  const readers = [shared.answer(), shared.answer()].map(({ body }) => body?.getReader());
  const pieces = await Promise.all(readers.map(async (reader) => (await reader?.read())?.value));
  for (const piece of pieces) assert.ok(piece !== undefined && piece.length <= 64 * 1024);
  assert.equal(pieces[0]?.buffer, pieces[1]?.buffer);
  await Promise.all(readers.map((reader) => reader?.cancel()));
});
