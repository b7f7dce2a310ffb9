import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { bash } from "../fixtures/processes.ts";
import {
  runTask,
  type Settings,
  StartFailed,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";

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

Deno.test("deno task start prints the layers that stand and a token that is good [S13, S15]", async () => {
  await using service = await startService();
  const [, layers = "", missing = ""] =
    /^Sandbox 'fork-server' holds: (.+)\n {2}not on this host: (.+)$/m.exec(service.output) ?? [];
  assert.ok(layers.split(", ").includes("seccomp"), service.output);
  assert.notEqual(missing, "");
  const { status, json } = await service.execute({ code: "print(6 * 7)" });
  assert.deepEqual([status, json.stdout, json.stderr, json.outcome], [200, "42\n", "", "ok"]);
  assert.deepEqual(json.isolation, {
    runner: "fork-server",
    layers: layers.split(", "),
    missing: missing.split(", "),
  });
  assert.equal(await service.stop(), 0);
});

Deno.test({
  name: "the line that deno task start prints works when pasted (needs curl) [S13]",
  ignore: !await areInstalled("curl"),
  async fn() {
    await using service = await startService();
    const line = /^curl .*$/m.exec(service.output)?.[0] ?? "";
    assert.ok(line.includes(service.url) && line.includes(service.token));
    const answer = JSON.parse(await bash("-c", line));
    assert.deepEqual([answer.stdout, answer.stderr, answer.outcome], ["42\n", "", "ok"]);
  },
});

Deno.test("a service that cannot print says so in its log and serves all the same [S39]", async () => {
  const deno = ["bash", "-c", 'exec deno "$@" >/dev/full', "bash"];
  await using service = await startService({}, { deno });
  assert.match(service.log, /"event":"announce_failed"/);
  assert.equal((await service.get("/health", { token: null })).status, 200);
  assert.equal(await service.stop(), 0);
});

Deno.test("a token made before the first start is good after it [S27, S28]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: `${folder.path}/of/its/own` };
  const made = await runTask(["token", "--user", "ada", "--role", "developer"], settings);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(((await Deno.stat(settings.DATA_DIR)).mode ?? 0) & 0o777, 0o700);
  await using service = await startService(settings);
  const answer = await service.execute({ code: "print(1)" }, { token: made.stdout.trim() });
  assert.equal(answer.json.stdout, "1\n");
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

Deno.test("a start on an address in use says so in one line and ends", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stdout, stderr } = await failedStart({ PORT: String(taken.addr.port) });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  const lines = stderr.split("\n").filter((line) => /address|listen/i.test(line));
  const address = `127.0.0.1:${taken.addr.port}`;
  assert.deepEqual(lines, [`Cannot listen on ${address}: the address is in use`]);
  assert.doesNotMatch(stderr, /^ +at /m);
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
