import assert from "node:assert/strict";
import {
  executionRunnerContract,
  PROGRAMS,
  run,
} from "../../../tests/contracts/execution_runner.ts";
import { executionSandboxContract } from "../../../tests/contracts/execution_sandbox.ts";
import { executionStreamsContract } from "../../../tests/contracts/execution_streams.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";
import { openAsOrdinaryUser } from "../../../tests/fixtures/ordinary_user.ts";
import { killProcess } from "../../../tests/fixtures/kill.ts";
import { programNamed, programOf } from "../../../tests/fixtures/programs.ts";

executionRunnerContract("ForkServerRunner", openForkServer);

executionSandboxContract("ForkServerRunner", openForkServer);
executionStreamsContract("ForkServerRunner", openForkServer);

// What hosts get that refuse tables of system calls, and every ordinary user.
const openPlain = () => openForkServer({ plain: true });
executionRunnerContract("ForkServerRunner, plain", openPlain);
executionSandboxContract("ForkServerRunner, plain", openPlain);
executionStreamsContract("ForkServerRunner, plain", openPlain);

executionRunnerContract("ForkServerRunner of an ordinary user", openAsOrdinaryUser);

Deno.test("ForkServerRunner: a killed server is replaced and its runs are run again [S15]", async () => {
  await using runner = await openForkServer();
  const slow = programOf("python", "import time; time.sleep(0.3); print(1)");
  const waiting = Array.from({ length: 8 }, () => run(runner, slow));
  const first = runner.pid;
  assert.ok(first !== null);
  await killProcess(first);
  for (const outcome of await Promise.all(waiting)) assert.equal(outcome.stdout, "1\n");
  assert.notEqual(runner.pid, first);
  assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
});

Deno.test("ForkServerRunner: programs that crowd out their own inits are ended all the same [S14, S15]", async () => {
  await using runner = await openForkServer();
  const first = runner.pid;
  const limits = { timeoutSeconds: 1, processes: 24 };
  const crowd = await programNamed("../../security/programs/processes/sessions.py", { limits });
  const crowds = Array.from({ length: 6 }, () => run(runner, crowd));
  const innocent = await run(runner, PROGRAMS.prints);
  assert.equal(innocent.stdout, "1\n");
  for (const { outcome, limit } of await Promise.all(crowds)) {
    assert.deepEqual([outcome, limit], ["timeout", "timeout_seconds"]);
  }
  assert.equal(runner.pid, first, "the server had to be replaced");
});

Deno.test("ForkServerRunner: a Python that is none is refused with a remedy [S15]", async () => {
  await using runner = await openForkServer({ python: "bash" });
  const { ready, refusal } = runner.status();
  assert.equal(ready, false);
  assert.match(refusal?.reason ?? "", /the fork server ended/);
  assert.notEqual(refusal?.remedy ?? "", "");
  await assert.rejects(run(runner, PROGRAMS.prints), /Cannot reach the sandbox/);
});

Deno.test("ForkServerRunner: a runtime that is not there leaves the other languages [S15]", async () => {
  await using runner = await openForkServer({
    javascript: { name: "deno", path: "/usr/bin/deno-that-is-not-there" },
  });
  assert.equal(runner.status().ready, true);
  assert.deepEqual(Object.keys(runner.status().unavailableLanguages), ["javascript"]);
  assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
  await assert.rejects(
    run(runner, await programNamed("ordinary/surroundings.js")),
    /Cannot run 'javascript'/,
  );
});
