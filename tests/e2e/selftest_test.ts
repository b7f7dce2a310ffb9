import assert from "node:assert/strict";
import { readAttacks } from "../../adapters/sandbox/attack_files.ts";
import { runTask, startService } from "../fixtures/service.ts";

Deno.test("deno task selftest attacks this machine's sandbox beside a running service [B10, S15]", async () => {
  await using service = await startService();
  const { code, stdout, stderr } = await runTask(["selftest"], { DATA_DIR: service.dataDir });
  assert.equal(code, 0, stdout + stderr);
  const attacks = await readAttacks();
  const lines = stdout.split("\n");
  for (const { name, layer } of attacks) {
    const standing = lines.find((line) => line.split(/ +/)[1] === name) ?? "";
    assert.match(standing, new RegExp(`^${layer} .*(held|skipped: this host has no '${layer}')$`));
  }
  assert.match(stdout, /^(\d+) attacks: \1 held(, \d+ more skipped)?$/m);
  assert.match(stdout, /^layers in force: .*seccomp/m);
  const answer = await service.execute({ code: "print(1)" });
  assert.equal(answer.json.stdout, "1\n");
});

Deno.test("deno task selftest fails where no sandbox stands [B10]", async () => {
  const { code, stdout, stderr } = await runTask(["selftest"], { PYTHON: "/usr/bin/false" });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^Cannot test the sandbox: /m);
});
