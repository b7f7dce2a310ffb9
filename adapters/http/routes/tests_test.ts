import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const RUN_TESTS = "/api/v1/run_tests";

Deno.test("POST /api/v1/run_tests answers what came of each, for the language's own framework [S19]", async () => {
  await using surface = new HttpSurface();
  const code = "passed <a>\nfailed b";
  const { status, json, text } = await surface.post(RUN_TESTS, { code, language: "typescript" });
  assert.equal(status, 200, text);
  assert.doesNotMatch(text, /[<>]/);
  assert.deepEqual([json.framework, json.language, json.outcome], ["deno", "typescript", "failed"]);
  const counts = { passed: 1, failed: 1, errors: 0, skipped: 0, not_run: 0 };
  assert.deepEqual(json.counts, counts);
  const place = { file: "test_main.py", line: 1, duration_seconds: 0.001, message: null };
  assert.deepEqual(json.cases, [
    { ...place, name: "passed <a>", outcome: "passed" },
    { ...place, name: "failed b", outcome: "failed" },
  ]);
  assert.equal("owner" in json, false);
});

Deno.test("POST /api/v1/run_tests names what it cannot take [S19, S35]", async () => {
  await using surface = new HttpSurface();
  const refused = {
    "/code": {},
    "/language": { code: "a", language: "bash" },
    "/test_framework": { code: "a", test_framework: "deno" },
    "/timeout_seconds": { code: "a", timeout_seconds: 121 },
    "/files/0/content": { code: "a", files: [{ path: "a", content: "?", encoding: "base64" }] },
    "/files/0/path": { code: "a", files: [{ path: "test_main.py", content: "" }] },
    "/limits": { code: "a", limits: { memory_mb: 1 } },
  };
  for (const [pointer, body] of Object.entries(refused)) {
    const { status, json } = await surface.post(RUN_TESTS, body);
    assert.deepEqual([status, json.code], [422, "validation_failed"], pointer);
    const errors = json.errors as { pointer: string }[];
    assert.deepEqual(errors.map((error) => error.pointer), [pointer]);
  }
});
