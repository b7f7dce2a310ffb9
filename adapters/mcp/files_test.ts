import assert from "node:assert/strict";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 0xff]);

interface Result {
  readonly isError?: boolean;
  readonly content: readonly Readonly<Record<string, string>>[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
}

async function call(served: ServedSurface, args: Record<string, unknown>): Promise<Result> {
  await using connected = await served.connect(ERAS[0]);
  const called = await connected.client.callTool({ name: "execute_code", arguments: args });
  return called as unknown as Result;
}

Deno.test("/mcp takes files and gives them back, pictures as pictures [S22, B5]", async () => {
  await using served = new ServedSurface();
  const { surface } = served;
  const encoder = new TextEncoder();
  const large = new Uint8Array(300_000).fill(0xfe);
  surface.application.programs.set("plot", ({ files }) => ({
    files: [
      ...files,
      { path: "fake.png", content: encoder.encode("no picture") },
      { path: "large.bin", content: large },
      { path: "out/p.PNG", content: PNG },
    ],
    omittedFiles: [
      { path: "big", size: 9_000_000, reason: "too_large" },
      { path: "pipe", size: null, reason: "not_a_regular_file" },
    ],
    omittedFileCount: 120,
  }));
  const given = { path: "a.txt", content: "é" };
  const { content, structuredContent } = await call(served, { code: "plot", files: [given] });
  assert.deepEqual(structuredContent.files, [
    { path: "a.txt", content: "é", encoding: "utf-8", size: 2 },
    { path: "fake.png", content: "no picture", encoding: "utf-8", size: 10 },
    { path: "large.bin", content: large.toBase64(), encoding: "base64", size: 300_000 },
    { path: "out/p.PNG", content: PNG.toBase64(), encoding: "base64", size: 12 },
  ]);
  const [files, , picture] = content;
  assert.equal(
    files?.text,
    "Files: a.txt (2 bytes), fake.png (10 bytes), large.bin (300,000 bytes), out/p.PNG (12 bytes)\n" +
      "Files left out: big (9,000,000 bytes, too large), pipe (not a regular file) and 118 more",
  );
  assert.deepEqual(picture, { type: "image", data: PNG.toBase64(), mimeType: "image/png" });
  assert.equal(content.length, 3);
});

Deno.test("/mcp refuses unsafe paths with the problem that HTTP gives [S22, B5, S35]", async () => {
  await using served = new ServedSurface();
  const { surface } = served;
  const args = { code: "x", files: [{ path: "../x", content: "" }], outputs: ["/etc/*"] };
  const { isError, structuredContent } = await call(served, args);
  const { json } = await surface.post("/api/v1/execute_code", args);
  assert.equal(isError, true);
  assert.deepEqual(structuredContent.errors, json.errors);
  assert.equal((json.errors as unknown[]).length, 2);
});
