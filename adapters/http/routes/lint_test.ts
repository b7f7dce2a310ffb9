import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DomainError } from "../../../domain/errors.ts";
import type { LintFinding } from "../../../domain/lint/report.ts";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const LINT = "/api/v1/lint_code";
const VIEWER = { authorization: "Bearer viewer-token" };

const FINDING: LintFinding = {
  rule: "F401",
  severity: "warning",
  message: "`os` imported\nbut unused",
  ...{ line: 1, column: 8, endLine: 1, endColumn: 10 },
};

Deno.test("POST /api/v1/lint_code answers a report, and keeps it [S18, S36]", async () => {
  await using surface = new HttpSurface();
  const { linting, auditLog } = surface.application;
  linting.reports.set("import os\n", () => ({
    findings: [FINDING],
    functions: [{ name: "f", line: 2, column: 1, endLine: 3, complexity: 2, async: true }],
    classes: [{ name: "A", line: 4, column: 1, endLine: 5, methods: ["b"] }],
    imports: [{ module: "os", names: [], line: 1 }],
    complexity: 3,
  }));
  const { status, json } = await surface.post(LINT, { code: "import os\n" }, VIEWER);
  assert.equal(status, 200);
  const { id, ...rest } = json;
  const codeHash = createHash("sha256").update("import os\n").digest("hex");
  assert.deepEqual(rest, {
    code_hash: codeHash,
    language: "python",
    functions: [{ name: "f", line: 2, column: 1, end_line: 3, complexity: 2, async: true }],
    classes: [{ name: "A", line: 4, column: 1, end_line: 5, methods: ["b"] }],
    imports: [{ module: "os", names: [], line: 1 }],
    complexity: 3,
    findings: [{
      ...{ rule: "F401", severity: "warning", message: FINDING.message },
      ...{ line: 1, column: 8, end_line: 1, end_column: 10 },
    }],
    ...{ truncated: false, linter: "ruff", remedy: null, cached: false },
    linter_exit_code: 1,
    linter_output: "1:8 F401 `os` imported but unused\n",
    created_at: rest["created_at"],
  });
  const kept = await linting.records.find(String(id));
  assert.deepEqual([kept?.owner, kept?.codeHash, kept?.findings], ["vera", codeHash, [FINDING]]);
  const told = auditLog.events.filter(({ type }) => type === "code_linted");
  assert.deepEqual(told.map(({ userId, details }) => [userId, details]), [
    ["vera", { lint_id: id, language: "python", code_sha256: codeHash }],
  ]);
});

Deno.test("POST /api/v1/lint_code answers the same text once more from the cache, to the same caller alone [S18, S23]", async () => {
  await using surface = new HttpSurface();
  const { linting, auditLog } = surface.application;
  const ask = async (body: object, headers = VIEWER) => {
    const { json } = await surface.post(LINT, body, headers);
    return [json.id, json.cached, json.linter_exit_code] as const;
  };
  const [id, first, clean] = await ask({ code: "a" });
  assert.deepEqual([first, clean], [false, 0]);
  assert.deepEqual(await ask({ code: "a" }), [id, true, 0]);
  const read = auditLog.events.filter(({ type }) => type === "data_accessed");
  assert.deepEqual(read.map(({ details }) => details), [{ resource: "lint", owner: "vera", id }]);
  for (
    const [body, headers] of [
      [{ code: "a", language: "bash" }, VIEWER],
      [{ code: "b" }, VIEWER],
      [{ code: "a" }, { authorization: "Bearer developer-token" }],
    ] as const
  ) {
    const [other, cached] = await ask(body, headers);
    assert.deepEqual([other === id, cached], [false, false]);
  }
  linting.toolchain = "fake 2";
  assert.equal((await ask({ code: "a" }))[1], false);
  assert.equal(linting.asked.length, 5);
});

Deno.test("POST /api/v1/lint_code lints one text once for all who ask at once, and again where a linter was missing [S18, S25]", async () => {
  await using surface = new HttpSurface();
  const { linting } = surface.application;
  const { promise, resolve } = Promise.withResolvers<void>();
  linting.reports.set("slow", async () => {
    await promise;
    return {};
  });
  const asking = [1, 2, 3].map(() => surface.post(LINT, { code: "slow" }, VIEWER));
  resolve();
  const answers = await Promise.all(asking);
  assert.equal(linting.asked.length, 1);
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  linting.reports.set("bare", () => ({ linter: "none", remedy: "Install it" }));
  const bare = await surface.post(LINT, { code: "bare", language: "bash" }, VIEWER);
  assert.deepEqual([bare.json.linter, bare.json.remedy], ["none", "Install it"]);
  const again = await surface.post(LINT, { code: "bare", language: "bash" }, VIEWER);
  assert.equal(again.json.cached, false);
});

Deno.test("POST /api/v1/lint_code: what stands in the cache for somebody else is shown to nobody [S18, S27]", async () => {
  await using surface = new HttpSurface();
  const { linting } = surface.application;
  const get = linting.cache.get.bind(linting.cache);
  linting.cache.get = async (key) => {
    const found = await get(key);
    return found && { ...found, owner: "mallory", remedy: "forged" };
  };
  await surface.post(LINT, { code: "a" }, VIEWER);
  const { json } = await surface.post(LINT, { code: "a" }, VIEWER);
  assert.deepEqual([json.remedy, json.cached], [null, false]);
});

/** Bodies that are refused, and what is said of them. */
const REFUSED: readonly (readonly [body: unknown, pointer: string])[] = [
  [{}, "/code"],
  [{ code: "" }, "/code"],
  [{ code: "é".repeat(524_289) }, "/code"],
  [{ code: "\ud800" }, "/code"],
  [{ code: "x", language: "ruby" }, "/language"],
  [{ code: "x", timeout: 1 }, "/timeout"],
];

Deno.test("POST /api/v1/lint_code refuses what it cannot lint, as a fault of the caller [S18, S35]", async () => {
  await using surface = new HttpSurface();
  for (const [body, pointer] of REFUSED) {
    const { status, json } = await surface.post(LINT, body, VIEWER);
    const [{ pointer: found } = { pointer: null }] = json.errors as { readonly pointer: string }[];
    assert.deepEqual([status, json.code, found], [422, "validation_failed", pointer]);
  }
  surface.application.linting.reports.set("bomb", () => {
    throw new DomainError({ code: "code_too_complex", limit: "time", most: 20 });
  });
  const { status, json } = await surface.post(LINT, { code: "bomb" }, VIEWER);
  assert.deepEqual([status, json.code, json.limit, json.most], [
    422,
    "code_too_complex",
    "time",
    20,
  ]);
  assert.equal(json.detail, "Cannot lint the text: it takes more time than 20 s");
});
