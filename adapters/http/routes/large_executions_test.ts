import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { toJson } from "../../wire/json.ts";

const EXECUTE = "/api/v1/execute_code";

Deno.test("POST /api/v1/execute_code answers a long output whole, in small pieces [S31]", async () => {
  await using surface = new HttpSurface();
  const output = { stdout: "<\x01é😀&".repeat(100_000), stderr: "\u2028".repeat(300_000) };
  surface.application.programs.set("write", () => output);
  const answer = await surface.post(EXECUTE, { code: "write" });
  assert.deepEqual([answer.json.stdout, answer.json.stderr], [output.stdout, output.stderr]);
  assert.equal(answer.text, toJson(answer.json));
  const request = new Request(`http://localhost${EXECUTE}`, {
    method: "POST",
    headers: { authorization: "Bearer developer-token", "content-type": "application/json" },
    body: '{"code":"write"}',
  });
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const { body } = await surface.fetch(request, { remoteAddr });
  const sizes = await Array.fromAsync(body ?? [], (chunk) => chunk.length);
  assert.ok(sizes.length > 10 && Math.max(...sizes) <= 6 * 65_536, sizes.join());
});

Deno.test("POST /api/v1/execute_code refuses a body of too many members before it is parsed [S35]", async () => {
  await using surface = new HttpSurface();
  const bodies = [
    `{"code":"x",${Array.from({ length: 10_000 }, (_, n) => `"${n}":1`).join()}}`,
    `{"code":"x","args":[${"1,".repeat(10_000)}1]}`,
    `{"code":"x","a":[${"[],".repeat(10_001)}`,
  ];
  for (const body of bodies) {
    const answer = await surface.post(EXECUTE, body);
    assert.deepEqual([answer.status, answer.json.code], [422, "validation_failed"]);
    const expected = "of at most 10000 keys and items in all";
    assert.deepEqual(answer.json.errors, [{ pointer: "", expected, found: "more" }]);
  }
  const text = `{"code":"${"[,{".repeat(20_000)}"}`;
  assert.equal((await surface.post(EXECUTE, text)).status, 200);
});
