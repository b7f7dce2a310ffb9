import assert from "node:assert/strict";
import { DomainError, isFailure } from "../../domain/errors.ts";
import { NO_FILES } from "../../domain/execution/files.ts";
import { DEFAULT_LIMITS } from "../../domain/execution/limits.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { CodePolicy } from "../../domain/policy/finding.ts";
import { NO_PARTS, type PythonNode } from "../../domain/policy/python_tree.ts";
import type { PythonSyntax } from "../../domain/ports/python_syntax.ts";
import { ScriptedRunner } from "../../tests/fakes/scripted_runner.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { programOf } from "../../tests/fixtures/programs.ts";
import { Admission, admitted } from "./admitted.ts";
import { policed } from "./policed.ts";

/** Takes every program for one name, and what begins with a bracket for nothing. */
const SYNTAX: PythonSyntax = {
  parse(code) {
    const place = { at: 0, end: code.length, name: "", value: null, parts: NO_PARTS };
    const name: PythonNode = { ...place, kind: "name", name: code };
    const root: PythonNode = { ...place, kind: "module", parts: [name] };
    return Promise.resolve(
      code.startsWith("(")
        ? { kind: "unreadable", because: "syntax", at: 0, text: code }
        : { kind: "read", root, text: code },
    );
  },
  turn: () => Promise.resolve(),
};

const EVAL = [{
  rule: "eval-call",
  line: 1,
  column: 1,
  message: "'eval' evaluates text as code",
}];

/** What comes of a program under a policy, and how often it was run. */
async function outcomeOf(policy: CodePolicy, request: Partial<ExecutionRequest>) {
  await using runner = new ScriptedRunner();
  let runs = 0;
  const counted = {
    run: async (...args: Parameters<ScriptedRunner["run"]>) => {
      runs += 1;
      return await runner.run(...args);
    },
  };
  const asked: ExecutionRequest = {
    language: "python",
    code: "eval",
    stdin: "",
    args: [],
    environment: {},
    ...NO_FILES,
    limits: DEFAULT_LIMITS,
    ...request,
  };
  runner.scripts.set(asked.code, () => ({}));
  const { signal } = new AbortController();
  try {
    const done = await policed(counted, { syntax: SYNTAX, policy }).run(asked, signal);
    return { findings: done.policyFindings, runs, rejected: false };
  } catch (error) {
    assert.ok(isFailure(error, "code_rejected") && error.failure.code === "code_rejected");
    return { findings: error.failure.findings, runs, rejected: true };
  }
}

Deno.test("policed() runs what it warns of, with the findings [S17]", async () => {
  assert.deepEqual(await outcomeOf("warn", {}), { findings: EVAL, runs: 1, rejected: false });
});

Deno.test("policed() runs nothing that it rejects [S17]", async () => {
  for (const policy of ["reject", "reject-strict"] as const) {
    assert.deepEqual(await outcomeOf(policy, {}), { findings: EVAL, runs: 0, rejected: true });
  }
});

Deno.test("policed() runs what it finds nothing in, and everything when it is off [S17]", async () => {
  const fine = { findings: [], runs: 1, rejected: false };
  assert.deepEqual(await outcomeOf("reject", { code: "print" }), fine);
  assert.deepEqual(await outcomeOf("off", {}), fine);
});

Deno.test("policed() looks at the modules among a program's files, and at no others [S17]", async () => {
  const content = new TextEncoder().encode("eval");
  const files = ["data.txt", "a/helper.py", "eval"].map((path) => ({ path, content }));
  const { findings, runs } = await outcomeOf("reject", { code: "print", files });
  assert.deepEqual([findings, runs], [EVAL.map((it) => ({ ...it, path: "a/helper.py" })), 0]);
  const both = await outcomeOf("warn", { files });
  assert.deepEqual(both.findings.map(({ path }) => path), [undefined, "a/helper.py"]);
});

Deno.test("policed() looks at Python alone [S17]", async () => {
  const fine = { findings: [], runs: 1, rejected: false };
  for (const language of ["bash", "javascript"] as const) {
    assert.deepEqual(await outcomeOf("reject-strict", { language }), fine);
  }
});

Deno.test("policed() rejects what cannot be read, and leaves it to Python where it warns [S17]", async () => {
  const rejected = await outcomeOf("reject", { code: "(" });
  assert.deepEqual([rejected.findings[0]?.rule, rejected.runs], ["unreadable", 0]);
  assert.deepEqual(await outcomeOf("warn", { code: "(" }), {
    findings: [],
    runs: 1,
    rejected: false,
  });
});

/** A parser that is never done, and tells how many texts it has begun and been left with. */
function endless() {
  const counts = { begun: 0, left: 0 };
  const syntax: PythonSyntax = {
    async parse(_code, { pause }) {
      counts.begun += 1;
      try {
        for (;;) await pause();
      } finally {
        counts.left += 1;
      }
    },
    turn: () => new Promise((resolve) => setTimeout(resolve, 0)),
  };
  return { counts, syntax };
}

Deno.test("policed() leaves off looking when the caller leaves [S17]", async () => {
  for (const policy of ["warn", "reject"] as const) {
    const { counts, syntax } = endless();
    const leaving = new AbortController();
    const run = (_asked: ExecutionRequest, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new DomainError({ code: "cancelled" })));
      });
    const running = policed({ run }, { syntax, policy }).run(
      programOf("python", "x"),
      leaving.signal,
    );
    while (counts.begun === 0) await syntax.turn();
    leaving.abort();
    await assert.rejects(running, (error) => isFailure(error, "cancelled"));
    assert.deepEqual(counts, { begun: 1, left: 1 }, policy);
  }
});

Deno.test("policed() leaves off looking when the run is refused [S17]", async () => {
  const { counts, syntax } = endless();
  const refused = Promise.withResolvers<never>();
  const behind = policed({ run: () => refused.promise }, { syntax, policy: "warn" });
  const running = behind.run(programOf("python", "x"), new AbortController().signal);
  while (counts.begun === 0) await syntax.turn();
  refused.reject(new DomainError({ code: "shutting_down", retryAfterSeconds: 1 }));
  await assert.rejects(running, (error) => isFailure(error, "shutting_down"));
  assert.deepEqual(counts, { begun: 1, left: 1 });
});

Deno.test("policed() behind a door looks at no more programs than there are places [S14, S17]", async () => {
  const { counts, syntax } = endless();
  const door = new Admission({ concurrency: 2, queue: 1, memoryMb: 10_000 });
  const parts = { clock: new ManualClock(), telemetry: { record() {} } };
  const never = () => Promise.reject(new Error("ran"));
  const behind = admitted(policed({ run: never }, { syntax, policy: "reject" }), door, parts);
  const leaving = new AbortController();
  const runs = [0, 1, 2, 3].map(() => behind.run(programOf("python", "x"), leaving.signal));
  const ended = Promise.allSettled(runs);
  await assert.rejects(runs[3] ?? never(), (error) => isFailure(error, "too_many_executions"));
  for (let turn = 0; turn < 5; turn += 1) await syntax.turn();
  assert.deepEqual(counts, { begun: 2, left: 0 });
  leaving.abort();
  await ended;
  assert.deepEqual([counts, door.state()], [{ begun: 2, left: 2 }, { running: 0, waiting: 0 }]);
});
