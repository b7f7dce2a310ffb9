import assert from "node:assert/strict";
import { HttpSurface, MAX_BODY_BYTES } from "../../../tests/fakes/http_surface.ts";
import { toJson } from "../../wire/json.ts";

const EXECUTE = "/api/v1/execute_code";
const PATHS = [
  "../x",
  "/etc/passwd",
  "a\0b",
  ".",
  "",
  "a//b",
  "x".repeat(300),
  "a/".repeat(20) + "a",
];

Deno.test("POST /api/v1/execute_code hands files on and gives files back, by their encoding [B5]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("echo", ({ files, outputs }) => ({
    stdout: outputs.join(),
    files,
    omittedFiles: [{ path: "big", size: 9, reason: "too_large" }],
    omittedFileCount: 1,
  }));
  const files = [
    { path: "a/é.txt", content: "é<&>\u2028" },
    { path: "b.bin", content: "AP8=", encoding: "base64" },
    { path: "c.txt", content: "YQ==", encoding: "base64" },
  ];
  const { status, json, text } = await surface.post(EXECUTE, {
    code: "echo",
    files,
    outputs: ["*"],
  });
  assert.equal(status, 200, text);
  assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
  assert.equal(json.stdout, "*");
  assert.deepEqual(json.files, [
    { path: "a/é.txt", content: "é<&>\u2028", encoding: "utf-8", size: 8 },
    { path: "b.bin", content: "AP8=", encoding: "base64", size: 2 },
    { path: "c.txt", content: "a", encoding: "utf-8", size: 1 },
  ]);
  assert.deepEqual(json.files_omitted, [{ path: "big", size: 9, reason: "too_large" }]);
  assert.equal(json.files_omitted_count, 1);
  const kept = await surface.send(`/api/v1/executions/${String(json.id)}`, {
    headers: { authorization: "Bearer developer-token" },
  });
  assert.deepEqual(kept.json, json);
});

Deno.test("POST /api/v1/execute_code refuses every unsafe path by its place [B5, S35]", async () => {
  await using surface = new HttpSurface();
  const files = PATHS.map((path) => ({ path, content: "SECRET" }));
  const { status, json, text } = await surface.post(EXECUTE, { code: "x", files, outputs: PATHS });
  assert.equal(status, 422);
  const errors = json.errors as { pointer: string }[];
  assert.deepEqual(errors.map(({ pointer }) => pointer), [
    ...PATHS.map((_, at) => `/files/${at}/path`),
    ...PATHS.map((_, at) => `/outputs/${at}`),
  ]);
  assert.doesNotMatch(text, /SECRET/);
});

Deno.test("POST /api/v1/execute_code refuses contents that are none, and repeats none [B5, S35]", async () => {
  await using surface = new HttpSurface();
  const spoilt = ["U0VDUkVU!", "U0VDUkVU=", "SECRET"].map((content, at) => ({
    path: `${at}`,
    content,
    encoding: "base64",
  }));
  const { status, json, text } = await surface.post(EXECUTE, { code: "x", files: spoilt });
  assert.equal(status, 422);
  const errors = json.errors as { pointer: string }[];
  assert.deepEqual(errors.map(({ pointer }) => pointer), [
    "/files/0/content",
    "/files/1/content",
    "/files/2/content",
  ]);
  assert.doesNotMatch(text, /SECRET|U0VD/);
  const wrong = await surface.post(EXECUTE, { code: "x", files: [{ path: "a", content: 12345 }] });
  assert.equal(wrong.status, 422);
  assert.doesNotMatch(wrong.text, /12345/);
});

Deno.test("POST /api/v1/execute_code takes and gives large files, in small pieces [S31, B5]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("echo", ({ files }) => ({ files }));
  const binary = new Uint8Array(1_500_000).map((_, at) => at * 31 >> 3);
  const files = [
    { path: "a", content: binary.toBase64(), encoding: "base64" },
    ...Array.from({ length: 90 }, (_, n) => ({ path: `${n}`, content: "\x01<é".repeat(900) })),
  ];
  const body = JSON.stringify({ code: "echo", files });
  assert.ok(body.length < MAX_BODY_BYTES);
  const answer = await surface.post(EXECUTE, body);
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  const back = answer.json.files as { path: string; content: string }[];
  assert.deepEqual(back.map(({ content }) => content), files.map(({ content }) => content));
  assert.equal(answer.text, toJson(answer.json));
  const request = new Request(`http://localhost${EXECUTE}`, {
    method: "POST",
    headers: { authorization: "Bearer developer-token", "content-type": "application/json" },
    body,
  });
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const { body: stream } = await surface.fetch(request, { remoteAddr });
  const sizes = await Array.fromAsync(stream ?? [], (chunk) => chunk.length);
  assert.ok(sizes.length > 20 && Math.max(...sizes) <= 6 * 65_536, sizes.join());
});
