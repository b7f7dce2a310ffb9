import assert from "node:assert/strict";
import { bash } from "../fixtures/processes.ts";
import { type Settings, StartFailed, startService, temporaryFolder } from "../fixtures/service.ts";

/** How a start that must not come about has ended. */
async function failedStart(settings: Settings): Promise<StartFailed> {
  try {
    await using service = await startService(settings);
    throw new Error(`the service started: ${service.output}`);
  } catch (error) {
    if (error instanceof StartFailed) return error;
    throw error;
  }
}

Deno.test("deno task start prints its layers and a line that works when pasted [S13, S15]", async () => {
  await using service = await startService();
  const [, layers = "", missing = ""] =
    /^Sandbox 'fork-server' holds: (.+)\n {2}not on this host: (.+)$/m.exec(service.output) ?? [];
  assert.ok(layers.split(", ").includes("seccomp"), service.output);
  assert.notEqual(missing, "");
  const line = /^curl .*$/m.exec(service.output)?.[0] ?? "";
  assert.ok(line.includes(service.url) && line.includes(service.token));
  const answer = JSON.parse(await bash("-c", line));
  assert.deepEqual([answer.stdout, answer.stderr, answer.outcome], ["42\n", "", "ok"]);
  assert.deepEqual(answer.isolation.layers, layers.split(", "));
  assert.deepEqual(answer.isolation.missing, missing.split(", "));
  assert.equal(await service.stop(), 0);
});

Deno.test("a second start on the same DATA_DIR says who holds it and ends", async () => {
  await using service = await startService();
  const { code, stdout, stderr } = await failedStart({ DATA_DIR: service.dataDir });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  const expected = `Cannot open data directory '${service.dataDir}': process ${service.pid}, ` +
    "listening on 127.0.0.1:";
  assert.ok(stderr.includes(expected), stderr);
  assert.doesNotMatch(stderr, /^ +at /m);
  const answer = await service.execute({ code: "print(1)" });
  assert.equal(answer.json.stdout, "1\n");
});

Deno.test("a wrong configuration is refused with all its faults in one message", async () => {
  await using folder = await temporaryFolder();
  const settings = { PORT: "abc", LOG_LEVEL: "loud", JWT_SECRET: "short-kX7" };
  const { code, stdout, stderr } = await failedStart({ ...settings, DATA_DIR: folder.path });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  const message = stderr.split("\n").find((line) => line.startsWith("Cannot start")) ?? "";
  assert.match(message, /^Cannot start: 3 settings are wrong: /);
  for (const name of Object.keys(settings)) assert.ok(message.includes(`${name} must`), message);
  assert.doesNotMatch(stderr, /kX7|^ +at /m);
});
