import assert from "node:assert/strict";
import { startService } from "../fixtures/service.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const PROGRAMS = {
  python: "open('b','wb').write(open('in/a','rb').read())",
  bash: "cat in/a > b",
  javascript: "Deno.writeFileSync('b', Deno.readFileSync('in/a'))",
};

interface WireFile {
  readonly path: string;
  readonly content: string;
  readonly encoding: string;
  readonly size: number;
}

Deno.test("files of every byte value go through the service and stay in the record [S13, B5]", async (t) => {
  await using service = await startService();
  const token = await service.tokenFor("dan", "developer");
  const files = [{ path: "in/a", content: EVERY_BYTE.toBase64(), encoding: "base64" }];
  for (const [language, code] of Object.entries(PROGRAMS)) {
    await t.step(language, async () => {
      const request = { language, code, files, outputs: ["b", "*.png"] };
      const { status, json, text } = await service.execute(request, { token });
      assert.equal(status, 200, text);
      assert.deepEqual([json.outcome, json.stderr], ["ok", ""]);
      assert.deepEqual(json.files, [
        { path: "b", content: EVERY_BYTE.toBase64(), encoding: "base64", size: 256 },
      ]);
      assert.deepEqual([json.files_omitted, json.files_omitted_count], [[], 0]);
      const kept = await service.get(`/api/v1/executions/${String(json.id)}`, { token });
      assert.deepEqual(kept.json, json);
    });
  }
});

Deno.test("the operator's settings bound files, and what is past them is named [S14, B5]", async () => {
  const settings = { EXECUTION_MAX_FILES: "2", EXECUTION_MAX_FILES_OUT_MB: "1" };
  await using service = await startService(settings);
  const file = (path: string) => ({ path, content: "x" });
  const three = await service.execute({ code: "1", files: ["a", "b", "c"].map(file) });
  assert.equal(three.status, 422);
  assert.deepEqual(three.json.errors, [
    { pointer: "/files", expected: "at most 2 files", found: "an array of 3 items" },
  ]);
  const code = "head -c 1048577 /dev/zero > big; echo 1 > c; echo 2 > d; echo 3 > e";
  const { json } = await service.execute({ language: "bash", code, outputs: ["*"] });
  const files = json.files as readonly WireFile[];
  assert.deepEqual(files.map(({ path, content }) => [path, content]), [["c", "1\n"], ["d", "2\n"]]);
  assert.deepEqual(json.files_omitted, [
    { path: "big", size: 1_048_577, reason: "too_large" },
    { path: "e", size: 2, reason: "too_many" },
  ]);
});

Deno.test("unsafe paths are refused with their place, over HTTP, and nothing runs [B5, S35]", async () => {
  await using service = await startService();
  const paths = ["../x", "/x", "a\0b", "x".repeat(300), "a//b", "main.py"];
  const files = paths.map((path) => ({ path, content: "" }));
  const { status, json } = await service.execute({ code: "print(1)", files });
  assert.equal(status, 422);
  const errors = json.errors as { pointer: string }[];
  assert.deepEqual(errors.map(({ pointer }) => pointer), paths.map((_, at) => `/files/${at}/path`));
});
