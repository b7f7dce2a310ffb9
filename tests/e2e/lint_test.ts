import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { HOSTILE_TEXTS, withstands } from "../fixtures/hostile_texts.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { startService } from "../fixtures/service.ts";

const LINT = "/api/v1/lint_code";

interface Finding {
  readonly line: number;
  readonly rule: string;
}

function rulesOf(json: Readonly<Record<string, unknown>>): string[] {
  return (json.findings as readonly Finding[]).map(({ line, rule }) => `${line} ${rule}`);
}

const HAS_SHELLCHECK = await areInstalled("shellcheck");

Deno.test({
  name:
    "lint_code lints each language for a viewer, and keeps what it found (needs shellcheck) [S18]",
  ignore: !HAS_SHELLCHECK,
  async fn() {
    await using service = await startService();
    const token = await service.tokenFor("vera", "viewer");
    const lint = async (code: string, language: string) => {
      const answer = await service.post(LINT, { code, language }, { token });
      assert.equal(answer.status, 200, answer.text);
      return answer.json;
    };
    const python = await lint("import os\n\n\ndef f(x):\n    return x == None\n", "python");
    assert.deepEqual([rulesOf(python), python.linter], [["1 F401", "5 E711"], "ruff"]);
    assert.deepEqual(python.imports, [{ module: "os", names: [], line: 1 }]);
    const script = await lint("var x = 1;\nclass A { b() { return x; } }\n", "javascript");
    assert.deepEqual([rulesOf(script), script.linter], [
      ["1 no-var", "2 no-unused-vars"],
      "deno_lint",
    ]);
    const typed = await lint("export const x: any = 1;\n", "typescript");
    assert.deepEqual(rulesOf(typed), ["1 no-explicit-any"]);
    const shell = await lint("echo $1\n", "bash");
    assert.deepEqual([rulesOf(shell), shell.linter, shell.remedy], [
      ["1 SC2086"],
      "shellcheck",
      null,
    ]);
    const again = await lint("echo $1\n", "bash");
    assert.deepEqual([again.id, again.cached], [shell.id, true]);
    const { json: { events } } = await service.get("/api/v1/audit?type=code_linted");
    assert.equal((events as readonly unknown[]).length, 4);
  },
});

Deno.test("lint_code uses the service's own Deno where programs have another runtime [S18]", async () => {
  const node =
    (await new Deno.Command("bash", { args: ["-c", "command -v node"] }).output()).stdout;
  const path = new TextDecoder().decode(node).trim();
  await using service = await startService({ JAVASCRIPT_RUNTIME: path });
  const { json } = await service.post(LINT, { code: "debugger;\n", language: "javascript" });
  assert.deepEqual([rulesOf(json), json.linter], [["1 no-debugger"], "deno_lint"]);
});

Deno.test("lint_code: hostile texts are answered or refused, and hold up neither the service nor others [S18, S35]", async () => {
  const few = HOSTILE_TEXTS.filter(([, tries]) => /nested brackets|substitutions/.test(tries));
  assert.equal(few.length, 3);
  await withstands(few);
});

Deno.test("lint_code: a text that is being linted does not hold up a stop, and its process ends with it [S18, S15]", async () => {
  await using service = await startService();
  const [, , slow] = HOSTILE_TEXTS.find(([, tries]) => /every four bytes/.test(tries)) ??
    assert.fail();
  const asked = service.post(LINT, { code: slow }).then(({ status }) => status, () => 0);
  const reading = await eventually("the reading process", async () => {
    const all = await service.processes();
    return all.find(({ command }) => command.includes("linters/child")) ?? null;
  });
  assert.equal(await service.stop(), 0);
  assert.ok([0, 200, 422, 503].includes(await asked));
  const left = (await listProcesses()).filter(({ pid, dead }) => pid === reading.pid && !dead);
  assert.deepEqual(left, []);
});
