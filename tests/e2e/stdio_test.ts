import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { runTask, startService, temporaryFolder } from "../fixtures/service.ts";
import { STRONG } from "../fixtures/configuration.ts";
import { mcpCall } from "../fixtures/mcp_message.ts";
import { seen, sleepOf } from "../fixtures/sleeping.ts";
import { INITIALIZE, runOf, StdioCommand } from "../fixtures/stdio_command.ts";

const CLIENT = new URL("../fixtures/stdio_client.ts", import.meta.url).pathname;

for (const version of ["2025-11-25", "2026-07-28"]) {
  Deno.test(`the official client speaks ${version} over stdio: list, call, progress, cancel [S22]`, async () => {
    await using folder = await temporaryFolder();
    const { stdout, stderr } = await new Deno.Command("deno", {
      args: ["run", "--quiet", "--no-prompt", "-A", CLIENT, version],
      env: { DATA_DIR: folder.path, NO_COLOR: "1", MCP_TOKEN: "", LOG_FORMAT: "json" },
    }).output();
    const log = new TextDecoder().decode(stderr);
    const said = JSON.parse(new TextDecoder().decode(stdout) || log);
    assert.equal(said.version, version);
    const tools = ["execute_code", "graph_upsert", "graph_query"];
    assert.deepEqual(tools.filter((name) => !said.called.includes(name)), []);
    assert.deepEqual(said.progress, ["started", "42\n"]);
    assert.equal(said.ended, "cancelled");
    assert.equal(said.after.stdout, "after\n");
  });
}

Deno.test("two stdio commands and the service share one data directory [S22]", async () => {
  await using service = await startService();
  const settings = { DATA_DIR: service.dataDir };
  await using one = new StdioCommand(settings);
  await using two = new StdioCommand(settings);
  for (const { result } of await Promise.all([one.initialize(), two.initialize()])) {
    assert.equal(result?.protocolVersion, "2025-11-25");
  }
  const program = "for n in 1 2 3; do echo $n; sleep 0.1; done";
  const http = service.execute({ language: "bash", code: program });
  const outputs = await Promise.all([one.run(program), two.run(program)]);
  assert.deepEqual([...outputs, (await http).json.stdout], Array(3).fill("1\n2\n3\n"));
  assert.ok(!one.hasOwned && !two.hasOwned);
  const { result } = await one.ask("tools/call", runOf("echo kept"));
  const { id } = result?.structuredContent as { readonly id: string };
  const kept = await service.get(`/api/v1/executions/${id}`);
  assert.deepEqual([kept.status, kept.json.stdout], [200, "kept\n"]);
  const info = await Deno.lstat(`${service.dataDir}/service.sock`);
  assert.deepEqual([info.isSocket, (info.mode ?? 0) & 0o777], [true, 0o600]);
  assert.deepEqual([await one.end(), await two.end()], [0, 0]);
  assert.equal(one.strayOutput + two.strayOutput, "");
  assert.equal(await service.stop(), 0);
  await assert.rejects(Deno.lstat(`${service.dataDir}/service.sock`), Deno.errors.NotFound);
});

Deno.test("of stdio commands that start at once one owns the data directory, and all answer [S22]", async () => {
  await using folder = await temporaryFolder();
  await using stack = new AsyncDisposableStack();
  const settings = { DATA_DIR: folder.path };
  const commands = [1, 2, 3, 4].map(() => stack.use(new StdioCommand(settings)));
  await Promise.all(commands.map((command) => command.initialize()));
  const outputs = await Promise.all(commands.map((command, at) => command.run(`echo ${at}`)));
  assert.deepEqual(outputs, ["0\n", "1\n", "2\n", "3\n"]);
  assert.equal(commands.filter(({ hasOwned }) => hasOwned).length, 1);
});

Deno.test("a stdio command takes over from one that was killed, and repeats no run [S22]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using first = new StdioCommand(settings);
  await first.initialize();
  await using second = new StdioCommand(settings);
  await using third = new StdioCommand(settings);
  await Promise.all([second.initialize(), third.initialize()]);
  const sleep = sleepOf(60);
  const lost = second.ask("tools/call", runOf(`echo begun; ${sleep}`));
  await seen(sleep, true);
  await first.kill();
  const { error } = await lost;
  assert.deepEqual(error?.data, { code: "answer_lost" });
  assert.match(error?.message ?? "", /not known/);
  await seen(sleep, false);
  const outputs = await Promise.all([second.run("echo 2"), third.run("echo 3")]);
  assert.deepEqual(outputs, ["2\n", "3\n"]);
  assert.equal([second, third].filter(({ hasOwned }) => hasOwned).length, 1);
  const owner = second.hasOwned ? second : third;
  const other = second.hasOwned ? third : second;
  assert.equal(await owner.end(), 0);
  assert.equal(await other.run("echo again"), "again\n");
  assert.ok(other.hasOwned);
});

Deno.test("a service that is started takes over from a stdio command, and gives back [S22]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using command = new StdioCommand(settings);
  await command.initialize();
  assert.ok(command.hasOwned);
  const sleep = sleepOf(2);
  const running = command.run(`${sleep}; echo finished`);
  await seen(sleep, true);
  await using service = await startService(settings);
  assert.equal(await running, "finished\n");
  assert.match(command.log, /"event":"gives_data_directory_up"/);
  assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
  assert.equal(await command.run("echo beside"), "beside\n");
  service.tellToStop();
  assert.equal(await command.run("echo after"), "after\n");
  assert.equal(await service.ended(), 0);
});

for (const version of ["2025-11-25", "2026-07-28"]) {
  Deno.test(`closing a stdio command's input, or cancelling, ends its run in ${version} [S22, B5]`, async () => {
    await using folder = await temporaryFolder();
    await using command = new StdioCommand({ DATA_DIR: folder.path });
    if (version === "2025-11-25") await command.initialize();
    const [cancelled, closed] = [sleepOf(60), sleepOf(60)];
    const call = async (id: number, code: string) => {
      // Longer than what a server reads with a request's head.
      const params = runOf(code + "\n".repeat(20_000));
      const message = version === "2025-11-25"
        ? { jsonrpc: "2.0", method: "tools/call", params }
        : mcpCall(params.name, params.arguments).body;
      await command.write(JSON.stringify({ ...message, id }));
    };
    await call(1, cancelled);
    await call(2, closed);
    await Promise.all([seen(cancelled, true), seen(closed, true)]);
    const params = { requestId: 1, reason: "enough" };
    await command.write(
      JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params }),
    );
    await seen(cancelled, false);
    await seen(closed, true);
    assert.equal(await command.end(), 0);
    await seen(closed, false);
    assert.equal(command.strayOutput, "");
  });
}

Deno.test("a stdio command answers garbage and goes on [S22]", async () => {
  await using folder = await temporaryFolder();
  await using command = new StdioCommand({ DATA_DIR: folder.path, MAX_BODY_MB: "1" });
  await command.initialize();
  await command.write("garbage");
  await command.write(Uint8Array.of(0, 0xff, 0xfe, 0x0a, 0x0d, 0x0a));
  await command.write("x".repeat(5 * 1024 * 1024));
  await command.write('[{"jsonrpc":"2.0","id":1,"method":"ping"}]');
  const { error } = await command.ask("no/such/method");
  assert.equal(error?.code, -32601);
  const large = await command.ask("tools/call", runOf(`: ${"x".repeat(3 * 1024 * 1024)}`));
  assert.equal((large.error?.data as { readonly code: string }).code, "body_too_large");
  assert.deepEqual((await command.ask("ping")).result, {});
  const codes = command.unasked.map(({ error }) => error?.code).sort();
  assert.deepEqual(codes, [-32600, -32700, -32700, -32700]);
  assert.equal(await command.run("echo still here"), "still here\n");
  assert.equal(command.strayOutput, "");
});

Deno.test("a stdio command's token is judged like any other [S22, S27]", async () => {
  await using service = await startService();
  const DATA_DIR = service.dataDir;
  await using viewer = new StdioCommand({
    DATA_DIR,
    MCP_TOKEN: await service.tokenFor("vera", "viewer"),
  });
  await viewer.initialize();
  const { result } = await viewer.ask("tools/call", runOf("echo 1"));
  const problem = result?.structuredContent as { readonly code: string };
  assert.deepEqual([result?.isError, problem.code], [true, "forbidden"]);
  const made = await runTask(
    ["token", "--user", "ada", "--role", "developer", "--ttl", "1s"],
    { DATA_DIR },
  );
  await using brief = new StdioCommand({ DATA_DIR, MCP_TOKEN: made.stdout.trim() });
  const refused = await eventually("the token's end", async () => {
    return (await brief.ask("initialize", INITIALIZE)).error ?? null;
  });
  assert.match(refused.message, /expired.*MCP_TOKEN/);
  assert.equal((refused.data as { readonly code: string }).code, "token_expired");
});

Deno.test("a stdio command says what keeps it from starting, on stderr alone [S22, S28]", async () => {
  await using folder = await temporaryFolder();
  const cases = [
    [{ ENVIRONMENT: "production" }, /^Cannot start: 1 setting is wrong: JWT_SECRET or/],
    [
      { ENVIRONMENT: "production", JWT_SECRET: STRONG },
      /^Cannot start: MCP_TOKEN must be set while ENVIRONMENT is 'production', found nothing$/m,
    ],
    [
      { JWKS_URL: "http://127.0.0.1:9/keys" },
      /^Cannot start: MCP_TOKEN must be set where another issuer makes the tokens, found nothing$/m,
    ],
    [
      { DATA_DIR: `${folder.path}/${"long/".repeat(20)}` },
      /^Cannot start: its socket's path '.*service\.sock' has 1\d\d bytes, and Linux takes 107/m,
    ],
  ] as const;
  for (const [settings, expected] of cases) {
    const command = new StdioCommand({ DATA_DIR: folder.path, ...settings });
    assert.equal(await command.end(), 1, command.log);
    assert.match(command.log.replace(/^.*Warning.*\n/m, ""), expected);
    assert.equal(command.strayOutput, "");
  }
});

Deno.test("a service whose socket's path would be too long serves without one, and says so [S22]", async () => {
  await using folder = await temporaryFolder();
  await using service = await startService({ DATA_DIR: `${folder.path}/${"long/".repeat(20)}x` });
  assert.match(service.log, /"event":"socket_unavailable".*Linux takes 107/);
  assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
});

Deno.test("other commands work beside a stdio command that owns the data directory [S22]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using command = new StdioCommand(settings);
  await command.initialize();
  assert.equal(await command.run("echo 1"), "1\n");
  const token = await runTask(["token", "--user", "ada", "--role", "viewer"], settings);
  assert.equal(token.code, 0, token.stderr);
  await using viewer = new StdioCommand({ ...settings, MCP_TOKEN: token.stdout.trim() });
  await viewer.initialize();
  assert.match(await viewer.run("echo 1"), /forbidden/);
  for (const args of [["audit:verify"], ["packages", "list"]]) {
    const { code, stderr } = await runTask(args, settings);
    assert.equal(code, 0, stderr);
  }
});
