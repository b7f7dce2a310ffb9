import assert from "node:assert/strict";
import { endless } from "../../tests/fakes/fake_application.ts";
import { INITIALIZE, McpPeer, type PeerMessage, streamOf } from "../../tests/fakes/mcp_peer.ts";
import { ServedSurface } from "../../tests/fakes/served_surface.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";

const LIST = { id: 1, method: "tools/list" };

Deno.test("a session is its user's alone: to all others it is not there [S22]", async () => {
  await using served = new ServedSurface();
  const dan = await served.peer();
  const olga = await served.peer("other-token");
  const own = olga.session;
  for (const [method, message] of [["POST", LIST], ["GET"], ["DELETE"]] as const) {
    olga.session = dan.session;
    const theirs = await olga.fetch(method, message);
    olga.session = crypto.randomUUID();
    const none = await olga.fetch(method, message);
    assert.deepEqual([theirs.status, await theirs.text()], [404, await none.text()], method);
    assert.equal(none.status, 404);
  }
  olga.session = own;
  assert.equal(await olga.statusOf("POST", LIST), 200);
  assert.equal(await dan.statusOf("DELETE"), 200);
  assert.equal(await dan.statusOf("POST", LIST), 404);
});

Deno.test("a session does not outlive its user's roles [S22, S29]", async () => {
  await using served = new ServedSurface();
  const peer = await served.peer("viewer-token");
  const { result } = await (await peer.run(1, "print(1)")).message();
  const problem = result?.structuredContent as Record<string, unknown>;
  assert.deepEqual([result?.isError, problem.code, problem.found], [true, "forbidden", ["viewer"]]);
});

Deno.test("what needs a session says so, and batches and second ids are refused [S22]", async () => {
  await using served = new ServedSurface();
  const peer = await served.peer();
  const { program, started } = endless();
  served.surface.application.programs.set("wait", program);
  const waiting = await peer.run(7, "wait");
  await started;
  const again = await peer.fetch("POST", { id: 7, method: "tools/list" });
  assert.deepEqual([again.status, (await again.json()).error.code], [400, -32600]);
  await waiting.leave();
  assert.equal(await peer.statusOf("POST", INITIALIZE), 400, "it has begun");
  peer.session = "";
  const bare = await peer.fetch("POST", LIST);
  assert.equal(bare.status, 400);
  assert.match((await bare.json()).error.message, /no 'Mcp-Session-Id'.*'initialize'/);
  for (const method of ["GET", "DELETE", "PUT"]) assert.equal(await peer.statusOf(method), 405);
});

Deno.test("of too many sessions the one ends that was used the longest ago [S22]", async () => {
  await using served = new ServedSurface({ bounds: { perUser: 2, inAll: 3, resumeMs: 10_000 } });
  const other = await served.peer("other-token");
  const [first, second] = [await served.peer(), await served.peer()];
  assert.equal(await first.statusOf("POST", LIST), 200);
  const third = await served.peer();
  assert.equal(await second.statusOf("POST", LIST), 404, "the user's own, used the longest ago");
  assert.equal(await first.statusOf("POST", LIST), 200);
  const { program, started } = endless();
  served.surface.application.programs.set("wait", program);
  const run = await first.run(5, "wait");
  await started;
  const fourth = await served.peer();
  assert.equal(await third.statusOf("POST", LIST), 404, "not one that has something in hand");
  const { program: longer, started: begun } = endless();
  served.surface.application.programs.set("longer", longer);
  const another = await fourth.run(5, "longer");
  await begun;
  const refused = await new McpPeer(served.url, "developer-token").fetch("POST", INITIALIZE);
  const problem = await refused.json();
  assert.deepEqual([refused.status, problem.code], [429, "too_many_executions"]);
  assert.deepEqual([problem.in_hand, problem.allowed], [2, 2]);
  await served.peer("viewer-token");
  assert.equal(await other.statusOf("POST", LIST), 404, "the one of all, where all are too many");
  await Promise.all([run.leave(), another.leave()]);
});

Deno.test("a session that nobody uses ends, one with something in hand or a stream does not [S22]", async () => {
  await using served = new ServedSurface({ bounds: { idleMs: 60_000 } });
  const [idle, busy, open] = [await served.peer(), await served.peer(), await served.peer()];
  const { program, started } = endless();
  served.surface.application.programs.set("wait", program);
  const run = await busy.run(1, "wait");
  await started;
  const stream = streamOf(await open.listen());
  const { lines, mcpClock } = served.surface;
  mcpClock.advance(60_001);
  await eventually(
    "an end",
    () => lines.some(({ event }) => event === "mcp_session_closed") || null,
  );
  assert.equal(await idle.statusOf("POST", LIST), 404);
  assert.equal(await busy.statusOf("POST", { ...LIST, id: 2 }), 200);
  assert.equal(await open.statusOf("POST", LIST), 200);
  await Promise.all([run.leave(), stream.leave()]);
});

Deno.test("notifications/cancelled ends a run, its stream, and nothing that is done [S22, B5]", async () => {
  await using served = new ServedSurface();
  const peer = await served.peer();
  const { program, started, ended } = endless();
  const { application } = served.surface;
  application.programs.set("wait", program);
  const stream = await peer.run(1, "wait");
  await started;
  assert.equal(await peer.tell("notifications/cancelled", { requestId: 1 }), 202);
  await ended;
  const begun = await stream.next();
  assert.equal(begun?.message, null);
  assert.equal(await stream.next(), null, "no answer");
  assert.equal(await peer.listenStatus(begun?.id), 400, "nothing to take up");
  let signal: AbortSignal | undefined;
  application.programs.set("done", (_command, context) => {
    signal = context.signal;
    return { stdout: "done" };
  });
  const { result } = await (await peer.run(2, "done")).message();
  const { id } = result?.structuredContent as { readonly id: string };
  assert.equal(await peer.tell("notifications/cancelled", { requestId: 2 }), 202);
  assert.equal(application.records.get(id)?.outcome, "ok");
  assert.equal(signal?.aborted, false);
});

Deno.test("DELETE ends a session and what it has in hand [S22]", async () => {
  await using served = new ServedSurface();
  const peer = await served.peer();
  const { program, started, ended } = endless();
  served.surface.application.programs.set("wait", program);
  const stream = await peer.run(1, "wait");
  await started;
  assert.equal(await peer.statusOf("DELETE"), 200);
  await ended;
  await stream.next();
  assert.equal(await stream.next(), null);
});

Deno.test("a lost stream is taken up where it broke off, with its answer whole [S22]", async () => {
  await using served = new ServedSurface({ bounds: { resumeMs: 10_000 } });
  const peer = await served.peer();
  const long = "<é".repeat(100_000);
  const go = Promise.withResolvers<void>();
  let takenByNobody = false;
  served.surface.application.programs.set("slow", async (_command, { signal }, watcher) => {
    await watcher?.wrote("stdout", "begun");
    await go.promise;
    for (let at = 0; at < 100; at += 1) await watcher?.wrote("stdout", `unread ${at}`);
    takenByNobody = true;
    assert.equal(signal.aborted, false);
    return { stdout: long };
  });
  const lost = await peer.run(1, "slow", { progressToken: "p" });
  const first = await lost.next();
  assert.match(first?.id ?? "", /_\d+$/);
  assert.equal((await lost.message()).params?.message, "started");
  assert.equal((await lost.message()).params?.message, "begun");
  assert.equal(await peer.listenStatus(first?.id), 409, "somebody reads it");
  await lost.leave();
  go.resolve();
  await eventually("the run's end", () => takenByNobody || null);
  const answers: PeerMessage[] = [];
  for (const after of [first?.id, first?.id]) {
    const taken = streamOf(await peer.listen(after));
    answers.push(await taken.message());
    assert.equal(await taken.next(), null, "it ends with its answer");
  }
  for (const { id, result } of answers) {
    assert.equal(id, 1);
    assert.ok((result?.structuredContent as { readonly stdout: string }).stdout === long);
  }
  const other = await served.peer("other-token");
  assert.equal(await other.listenStatus(first?.id), 400, "not of another's session");
});

Deno.test("a stream is taken up while its run lasts, and tells on [S22, B5]", async () => {
  await using served = new ServedSurface({ bounds: { resumeMs: 10_000 } });
  const peer = await served.peer();
  const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const long = "x".repeat(100_000);
  served.surface.application.programs.set("slow", async (_command, _context, watcher) => {
    await steps[0]?.promise;
    await watcher?.wrote("stdout", long);
    await steps[1]?.promise;
    return { stdout: "end" };
  });
  const lost = await peer.run(1, "slow", { progressToken: "p" });
  const first = await lost.next();
  await lost.message();
  await lost.leave();
  const taken = streamOf(
    await eventually("the stream's loss", async () => {
      const response = await peer.listen(first?.id);
      if (response.status === 200) return response;
      await response.body?.cancel();
      return null;
    }),
  );
  steps[0]?.resolve();
  assert.ok((await taken.message()).params?.message === long);
  steps[1]?.resolve();
  const { result } = await taken.message();
  assert.equal((result?.structuredContent as { readonly stdout: string }).stdout, "end");
});

Deno.test("a run whose stream nobody takes up again is ended [S22]", async () => {
  await using served = new ServedSurface({ bounds: { resumeMs: 50 } });
  const peer = await served.peer();
  const { program, started, ended } = endless();
  served.surface.application.programs.set("wait", program);
  const lost = await peer.run(1, "wait");
  await started;
  await lost.leave();
  await ended;
});

Deno.test("the open stream ends with its user's token, and with the service [S22, S27]", async () => {
  await using served = new ServedSurface();
  const { revokedTokens } = served.surface.application;
  const peer = await served.peer("watcher-token");
  const open = streamOf(await peer.listen());
  assert.equal(await peer.listenStatus(), 409, "there is one already");
  await revokedTokens.revoke("watcher-jti", null);
  assert.equal(await open.next(), null);
  const dan = await served.peer();
  const stream = streamOf(await dan.listen());
  served.surface.endStreams();
  assert.equal(await stream.next(), null);
  assert.equal(await dan.listenStatus(), 503);
  assert.equal(await dan.statusOf("POST", LIST), 200, "what is asked is answered still");
});

Deno.test("what a program writes is logged to who set a level, and to nobody else [S22, B5]", async () => {
  await using served = new ServedSurface();
  served.surface.application.programs.set("talk", async (_command, _context, watcher) => {
    await watcher?.wrote("stderr", "<hello>");
    return {};
  });
  const peer = await served.peer();
  const heard = async (id: number, _meta = {}) => {
    const stream = await peer.run(id, "talk", _meta);
    const all: unknown[] = [];
    for (let event = await stream.next(); event !== null; event = await stream.next()) {
      const { method, params } = event.message ?? {};
      if (method !== undefined) all.push([method, params?.level, params?.data]);
    }
    return all;
  };
  assert.deepEqual(await heard(1), []);
  const levels = [["warning", []], ["info", ["info"]], ["debug", ["debug", "info"]]] as const;
  for (const [at, [level, expected]] of levels.entries()) {
    await (await peer.ask(10 + at, "logging/setLevel", { level })).message();
    const told = await heard(20 + at) as [string, string, Record<string, unknown>][];
    assert.deepEqual(told.map(([, found]) => found), expected, level);
    const last = told.at(-1);
    if (last === undefined) continue;
    assert.deepEqual([last[0], last[2]], [
      "notifications/message",
      { type: "stderr", text: "<hello>" },
    ]);
  }
  const asProgress = await heard(30, { progressToken: 1 }) as [string][];
  assert.deepEqual([...new Set(asProgress.map(([method]) => method))], ["notifications/progress"]);
});
