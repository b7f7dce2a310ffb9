import assert from "node:assert/strict";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { Language } from "../../domain/execution/language.ts";
import { ScriptedRunner } from "../../tests/fakes/scripted_runner.ts";
import { askCanary, type Findings } from "./canary.ts";

const NEVER = new AbortController().signal;
const WELL: Readonly<Record<Language, Partial<ExecutionOutcome>>> = {
  python: { stdout: "\n" },
  javascript: { stdout: "node\n" },
  bash: { stdout: "2\n" },
};

/** What the canary finds in a sandbox where its programs end so. */
async function findings(
  changes: Partial<Record<Language, Partial<ExecutionOutcome>>>,
  bash = true,
): Promise<Findings> {
  await using runner = new ScriptedRunner();
  const ends = { ...WELL, ...changes };
  return await askCanary({
    bash,
    javascript: "node",
    run(request) {
      runner.scripts.set(request.code, () => ends[request.language]);
      return runner.run(request, NEVER);
    },
  });
}

Deno.test("askCanary() has nothing against a sandbox whose walls all held [S15]", async () => {
  assert.deepEqual(await findings({}), { refusal: null, unavailableLanguages: {} });
});

Deno.test("askCanary() refuses a sandbox where a wall fell, and names it [S15]", async () => {
  const { refusal } = await findings({ python: { stdout: "no network, seccomp\n" } });
  assert.match(refusal?.reason ?? "", /walls did not hold .*: no network, seccomp$/);
});

Deno.test("askCanary() refuses a sandbox where its program could not end well [S15]", async () => {
  const { refusal } = await findings({
    python: { outcome: "nonzero", returnCode: 1, stderr: "KeyError: 'Seccomp'" },
  });
  assert.match(refusal?.reason ?? "", /ended with 'nonzero': KeyError/);
});

Deno.test("askCanary() names the languages whose interpreter does not work [S13]", async () => {
  const missing = await findings({
    javascript: { outcome: "nonzero", returnCode: 126, stderr: "Cannot start /opt/deno\n" },
  }, false);
  assert.equal(missing.refusal, null);
  const { javascript, bash } = missing.unavailableLanguages;
  assert.equal(javascript?.reason, "Cannot start /opt/deno");
  assert.match(bash?.reason ?? "", /no bash interpreter/);
});

Deno.test("askCanary() tells a runtime that is another than its file's name says [S13]", async () => {
  const { unavailableLanguages } = await findings({ javascript: { stdout: "bun\n" } });
  const { reason = "", remedy = "" } = unavailableLanguages.javascript ?? {};
  assert.match(reason, /expected 'node' of a first javascript program, found 'bun'/);
  assert.match(remedy, /JAVASCRIPT_RUNTIME/);
});
