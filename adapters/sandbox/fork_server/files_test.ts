import assert from "node:assert/strict";
import {
  executionFilesContract,
  fileOf,
  textsOf,
  wanting,
} from "../../../tests/contracts/execution_files.ts";
import { run } from "../../../tests/contracts/execution_runner.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";
import { filled, openAhead, runWarm } from "../../../tests/fixtures/javascript.ts";
import { openAsOrdinaryUser } from "../../../tests/fixtures/ordinary_user.ts";
import { bash, descendantsOf } from "../../../tests/fixtures/processes.ts";
import { programOf } from "../../../tests/fixtures/programs.ts";
import type { ForkServerRunner } from "./runner.ts";

executionFilesContract("ForkServerRunner", openForkServer);
executionFilesContract("ForkServerRunner, plain", () => openForkServer({ plain: true }));
executionFilesContract("ForkServerRunner of an ordinary user", openAsOrdinaryUser);

for (const plain of [false, true]) {
  const way = plain ? "plainly" : "by tables";

  Deno.test(`the pool: a process started ahead ${way} gives files back, and takes none [B5, B6]`, async () => {
    await using runner = await openAhead({ plain });
    const code = "Deno.mkdirSync('out'); Deno.writeTextFileSync('out/a', await 'warm')";
    const warm = await runWarm(runner, programOf("javascript", code, { outputs: wanting("**") }));
    assert.deepEqual(textsOf(warm), { "out/a": "warm" }, warm.stderr);
    await filled(runner);
    const before = runner.pool().cold;
    const files = [fileOf("in", "given")];
    const echo = "Deno.writeTextFileSync('b', Deno.readTextFileSync('in'))";
    const request = programOf("javascript", echo, { files, outputs: wanting("b") });
    const cold = await run(runner, request);
    assert.deepEqual(textsOf(cold), { b: "given" }, cold.stderr);
    assert.equal(runner.pool().cold, before + 1);
  });

  Deno.test(`runs with files, ended in every way, leave no descriptor where started ${way} [S15, B5]`, async () => {
    await using runner = await openForkServer({ plain });
    const request = (code: string) => {
      const changes = { files: [fileOf("a/b", "x")], outputs: wanting("**") };
      return programOf("bash", code, changes);
    };
    await run(runner, request("echo > c"));
    const before = await descriptorsOf(runner);
    const ended = Array.from({ length: 30 }, (_, n) => run(runner, request(`exit ${n % 2}`)));
    const cancelled = Array.from({ length: 30 }, async (_, n) => {
      const caller = new AbortController();
      setTimeout(() => caller.abort(), n * 3);
      await runner.run(request("sleep 0.05"), caller.signal).catch(() => {});
    });
    const refused = Array.from({ length: 10 }, () => {
      const files = [fileOf("/x", "")];
      return run(runner, programOf("python", "", { files, outputs: wanting("**") }));
    });
    await Promise.all([...ended, ...cancelled, ...refused]);
    await eventually("the descriptors that there were before", async () => {
      return await descriptorsOf(runner) === before ? true : null;
    });
  });
}

/** Processes from the broker inwards, and how many descriptors they have. */
async function descriptorsOf({ pid }: ForkServerRunner): Promise<string> {
  const pids = [pid ?? 0, ...(await descendantsOf(pid ?? 0)).map(({ pid }) => pid)].map(String);
  const count = 'for pid; do echo "$pid $(ls "/proc/$pid/fd" | wc -l)"; done 2>/dev/null';
  return await bash("-c", count, "-", ...pids);
}
