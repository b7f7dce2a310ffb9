import assert from "node:assert/strict";
import { DomainError, isFailure } from "../../domain/errors.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { LintLanguage } from "../../domain/lint/report.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import BASH from "../../tests/fixtures/lint/bash.json" with { type: "json" };
import JAVASCRIPT from "../../tests/fixtures/lint/javascript.json" with { type: "json" };
import PYTHON from "../../tests/fixtures/lint/python.json" with { type: "json" };
import { areInstalled } from "../../tests/fixtures/installed.ts";
import { lineAndRule, openLinters } from "../../tests/fixtures/linters.ts";

interface Snippet {
  readonly name: string;
  readonly language?: string;
  readonly code: string;
  readonly findings: readonly string[];
}

/** Texts, each with all that its linter finds: `line rule`. */
const TABLES: readonly (readonly [LintLanguage, readonly Snippet[], needs: string | null])[] = [
  ["python", PYTHON, null],
  ["javascript", JAVASCRIPT, null],
  ["bash", BASH, "shellcheck"],
];

for (const [usual, snippets, needs] of TABLES) {
  Deno.test({
    name: `Linters: ${snippets.length} texts of ${usual} have the findings expected, to the line ` +
      `${needs === null ? "" : `(needs ${needs}) `}[S18]`,
    ignore: needs !== null && !await areInstalled(needs),
    async fn() {
      assert.ok(snippets.length >= 40);
      await using opened = await openLinters();
      for (const { name, language = usual, code, findings } of snippets) {
        const report = await opened.lint(language as LintLanguage, code);
        const found = report.findings.map(lineAndRule);
        assert.deepEqual(found.toSorted(), findings.toSorted(), `${language}: ${name}`);
        assert.equal(report.truncated, false);
      }
    },
  });
}

Deno.test("Linters tell places in code points, severities, and what a text defines [S18]", async () => {
  await using opened = await openLinters();
  const code = 's = "𝒳é"; t = ünbekannt\n\n\nasync def read(x):\n    if x:\n        return x\n';
  const { findings, functions, complexity, linter, remedy } = await opened.lint("python", code);
  const [, undefinedName] = findings;
  assert.deepEqual(undefinedName, {
    rule: "F821",
    severity: "error",
    message: "Undefined name `ünbekannt`",
    ...{ line: 1, column: 15, endLine: 1, endColumn: 24 },
  });
  assert.deepEqual(functions.map(({ name, line, async }) => [name, line, async]), [
    ["read", 4, true],
  ]);
  assert.deepEqual([complexity, linter, remedy], [2, "ruff", null]);
  const script = await opened.lint("javascript", 'export const s = "𝒳é"; debugger;\n');
  const [{ column, endColumn, severity } = assert.fail("nothing found")] = script.findings;
  assert.deepEqual([column, endColumn, severity], [24, 33, "warning"]);
});

Deno.test("Linters hold Python against the version that programs run with [S18]", async () => {
  const code = "type Pair = tuple[int, int]\n";
  for (const [version, rules] of [["3.11", ["1 syntax-error"]], ["3.12", []]] as const) {
    await using opened = await openLinters({ pythonVersion: () => version });
    const { findings } = await opened.lint("python", code);
    assert.deepEqual(findings.map(lineAndRule), rules);
    assert.match(opened.linters.toolchain("python"), new RegExp(version));
  }
});

const OUTCOME: ExecutionOutcome = {
  ...{ outcome: "ok", returnCode: 0, signal: null, limit: null, stdout: "", stderr: "" },
  ...{ stdoutTruncated: false, stderrTruncated: false, durationSeconds: 0, cpuSeconds: 0 },
  ...{ memoryPeakBytes: 0, files: [], omittedFiles: [], omittedFileCount: 0 },
  isolation: { runner: "fake", layers: [], missing: [] },
};

/** A sandbox in which every program ends in the same way. */
function runnerOf(ending: Partial<ExecutionOutcome>): Pick<ExecutionRunner, "run"> {
  return { run: () => Promise.resolve({ ...OUTCOME, ...ending }) };
}

Deno.test("Linters look at the syntax alone where a linter is missing, and say what to do [S18]", async () => {
  await using without = await openLinters({ runner: runnerOf({ stdout: "none\n" }) });
  const clean = await without.lint("bash", "f() { echo 1; }\n");
  assert.deepEqual([clean.linter, clean.findings], ["none", []]);
  assert.match(clean.remedy ?? "", /apt-get install shellcheck/);
  assert.deepEqual(clean.functions.map(({ name }) => name), ["f"]);
  const missing = { run: () => Promise.reject(new DomainError(NO_SANDBOX)) };
  await using bare = await openLinters({ runner: missing });
  const broken = await bare.lint("javascript", "let x = (1;\n");
  assert.deepEqual(broken.findings.map(lineAndRule), ["1 syntax-error"]);
  assert.deepEqual([broken.linter, broken.remedy], ["none", NO_SANDBOX.remedy]);
});

const NO_SANDBOX = {
  code: "dependency_unavailable",
  dependency: "sandbox",
  reason: "none",
  remedy: "Allow user namespaces",
  retryAfterSeconds: 1,
} as const;

/** How a linter that is a program can end, and what its caller is told. */
const ENDINGS: readonly (readonly [Partial<ExecutionOutcome>, code: string])[] = [
  [{ outcome: "timeout", returnCode: 124 }, "code_too_complex"],
  [{ outcome: "cpu", returnCode: 137 }, "code_too_complex"],
  [{ outcome: "memory", returnCode: 137 }, "code_too_complex"],
  [{ outcome: "cancelled", returnCode: 137 }, "cancelled"],
  [{ outcome: "nonzero", returnCode: 2, stderr: "no such option" }, "dependency_unavailable"],
  [{ stdout: "not JSON" }, "dependency_unavailable"],
];

Deno.test("Linters tell each end of a linter that is a program [S18, S35]", async () => {
  for (const [ending, code] of ENDINGS) {
    await using opened = await openLinters({ runner: runnerOf(ending) });
    for (const language of ["javascript", "bash"] as const) {
      await assert.rejects(
        opened.lint(language, "x\n"),
        (error) => error instanceof DomainError && error.failure.code === code,
        JSON.stringify(ending),
      );
    }
  }
  await using crashed = await openLinters({
    runner: runnerOf({ outcome: "signal", returnCode: 134 }),
  });
  const { findings } = await crashed.lint("typescript", "x;\n");
  assert.deepEqual(findings.map(lineAndRule), ["1 too-complex"]);
});

Deno.test("Linters: a text that takes too long ends its process, and no other's [S18]", async () => {
  // A process that starts in this time, and reads this in no such time.
  await using opened = await openLinters({ seconds: 0.5 });
  const slow = "import os\n".repeat(100_000);
  const tooLong = (error: unknown) =>
    isFailure(error, "code_too_complex") && error.failure.code === "code_too_complex" &&
    error.failure.limit === "time";
  await assert.rejects(opened.lint("python", slow, "mallory"), tooLong);
  await using patient = await openLinters();
  const [late, fine] = await Promise.allSettled([
    opened.lint("python", slow, "mallory"),
    patient.lint("python", "x = 1\n"),
  ]);
  assert.equal(late.status, "rejected");
  assert.ok(fine.status === "fulfilled" && fine.value.findings.length === 0);
});

Deno.test("Linters: a text that takes too much memory ends its process, not the service [S18]", async () => {
  await using opened = await openLinters({ memoryMegabytes: 48 });
  await assert.rejects(opened.lint("python", "x=1;".repeat(262_144)), (error) => {
    return isFailure(error, "code_too_complex") && error.failure.code === "code_too_complex" &&
      error.failure.limit === "memory";
  });
  assert.deepEqual((await opened.lint("python", "x = 1\n")).findings, []);
});

Deno.test("Linters: whoever leaves is not waited for, and closing tells all who wait [S18]", async () => {
  const opened = await openLinters({ places: 1, placesOfCaller: 1 });
  const leaving = new AbortController();
  const slow = { language: "python", code: "import os\n".repeat(50_000), caller: "a" } as const;
  const left = opened.linters.lint(slow, leaving.signal);
  const waiting = opened.lint("python", slow.code, "b");
  const last = opened.lint("python", "x = 1\n", "c");
  const told = Promise.allSettled([left, waiting, last]);
  leaving.abort();
  await assert.rejects(left, (error) => isFailure(error, "cancelled"));
  await opened[Symbol.asyncDispose]();
  for (const { status, reason } of (await told).slice(1) as PromiseRejectedResult[]) {
    assert.ok(status === "rejected" && isFailure(reason, "shutting_down"), String(reason));
  }
  await assert.rejects(opened.lint("python", "x\n"), (error) => isFailure(error, "shutting_down"));
});
