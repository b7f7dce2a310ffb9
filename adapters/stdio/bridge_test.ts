import assert from "node:assert/strict";
import { type Answer, CALL, json, PING, Wired } from "../../tests/fakes/wired_bridge.ts";

/** An event stream that breaks off after these events. */
function brokenStream(...events: readonly object[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const event of events) {
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`));
      }
    },
    pull: (controller) => controller.error(new TypeError("connection closed")),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

Deno.test("StdioBridge passes a message as it is written, and its answer on one line [S22]", async () => {
  const answer = '{"jsonrpc":"2.0",\n"id":1,"result":{"n":9007199254740993}}';
  const headers = { "content-type": "application/json" };
  const wired = new Wired(() => new Response(answer, { headers }));
  const text = '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"n":9007199254740993}}';
  await wired.send(text);
  assert.equal(await wired.line(), answer.replace("\n", " "));
  assert.equal(wired.posts[0]?.body, text);
  assert.equal(wired.posts[0]?.headers.authorization, "Bearer secret");
  await wired.end();
});

Deno.test("StdioBridge passes progress before the answer [S22]", async () => {
  const note = { jsonrpc: "2.0", method: "notifications/progress", params: {} };
  const result = { jsonrpc: "2.0", id: 2, result: {} };
  const events = [note, result].map((event) => `data: ${JSON.stringify(event)}\n\n`);
  const headers = { "content-type": "text/event-stream; charset=utf-8" };
  const wired = new Wired(() => new Response(`: alive\n\n${events.join("")}`, { headers }));
  await wired.send(CALL);
  assert.deepEqual(JSON.parse(await wired.line()), note);
  assert.deepEqual(JSON.parse(await wired.line()), result);
  await wired.end();
});

Deno.test("StdioBridge says the negotiated revision from then on [S22]", async () => {
  const result = { protocolVersion: "2025-11-25" };
  const wired = new Wired(() => json({ jsonrpc: "2.0", id: 1, result }));
  await wired.send({ ...PING, method: "initialize" });
  await wired.line();
  await wired.send(PING);
  await wired.line();
  const sent = wired.posts.map(({ headers }) => headers["mcp-protocol-version"]);
  assert.deepEqual(sent, [undefined, "2025-11-25"]);
  await wired.end();
});

Deno.test("StdioBridge sends what only tells again when its service goes away [S22]", async () => {
  const wired = new Wired((_, times) => {
    if (times === 1) throw new TypeError("fetch failed");
    return times === 2 ? brokenStream() : json({ jsonrpc: "2.0", id: 1, result: {} });
  });
  await wired.send(PING);
  assert.deepEqual(JSON.parse(await wired.line()), { jsonrpc: "2.0", id: 1, result: {} });
  assert.equal(wired.posts.length, 3);
  await wired.end();
});

Deno.test("StdioBridge never sends a tool's call twice, and says that its end is unknown [S22]", async () => {
  const note = { jsonrpc: "2.0", method: "notifications/progress", params: {} };
  const ways: Answer[] = [
    () => Promise.reject(new TypeError("fetch failed")),
    () => brokenStream(note),
    () => new Response("", { headers: { "content-type": "text/event-stream" } }),
  ];
  for (const way of ways) {
    const wired = new Wired(way);
    await wired.send(CALL);
    let got = await wired.message();
    if (!("id" in got)) got = await wired.message();
    assert.equal(got.id, 2);
    assert.match(got.error.message, /^The service ended before it answered 'tools\/call': /);
    assert.deepEqual(got.error.data, { code: "answer_lost" });
    assert.equal(wired.posts.length, 1);
    await wired.end();
  }
});

Deno.test("StdioBridge gives up on a service that ends each time it is asked [S22]", async () => {
  const wired = new Wired(() => Promise.reject(new TypeError("fetch failed")));
  await wired.send(PING);
  assert.deepEqual((await wired.message()).error.data, { code: "answer_lost" });
  assert.equal(wired.posts.length, 3);
  await wired.end();
});

Deno.test("StdioBridge aborts what is cancelled, and what is in hand when the input ends [S22]", async () => {
  const signals: AbortSignal[] = [];
  const wired = new Wired(({ body, signal }) => {
    if (!body.includes("tools/call")) return json({ jsonrpc: "2.0", id: 1, result: {} });
    signals.push(signal);
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
    });
  });
  await wired.send(CALL);
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } };
  await wired.send(cancel);
  await wired.send(PING);
  assert.equal((await wired.message()).id, 1, "a cancelled request gets no answer");
  assert.equal(signals[0]?.aborted, true);
  await wired.send(CALL);
  await wired.send({ ...CALL, id: 3 });
  await wired.send(PING);
  await wired.message();
  assert.equal(signals[2]?.aborted, false);
  await wired.end();
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true, true, true]);
});

Deno.test("StdioBridge answers what it cannot pass on, and goes on [S22]", async () => {
  const wired = new Wired(() => json({ jsonrpc: "2.0", id: 1, result: {} }));
  const bad: [string, number][] = [
    ["garbage", -32700],
    ['{"jsonrpc":"2.0"', -32700],
    [`"${"x".repeat(2000)}"`, -32700],
    ["[]", -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
  ];
  for (const [text, code] of bad) {
    await wired.send(text);
    assert.equal((await wired.message()).error.code, code, text.slice(0, 40));
  }
  await wired.send("  \r");
  await wired.send({ jsonrpc: "2.0", id: 9, result: {} });
  await wired.send(PING);
  assert.equal((await wired.message()).id, 1);
  assert.equal(wired.posts.length, 1);
  await wired.end();
});

Deno.test("StdioBridge refuses an id that is still in hand [S22]", async () => {
  const wired = new Wired(({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
  );
  await wired.send(CALL);
  await wired.send(CALL);
  const { id, error } = await wired.message();
  assert.deepEqual([id, error.code, wired.posts.length], [2, -32600, 1]);
  await wired.end();
});

Deno.test("StdioBridge turns HTTP's refusals into errors of the request [S22, S35]", async () => {
  const problem = { code: "unauthenticated", detail: "Cannot authenticate: it has expired" };
  const wired = new Wired((_, times) => {
    if (times === 1) return json(problem, 401);
    const error = { code: -32601, message: "Method not found" };
    return times === 2 ? json({ jsonrpc: "2.0", id: null, error }, 404) : json({}, 502);
  });
  await wired.send(PING);
  const refused = await wired.message();
  assert.deepEqual([refused.id, refused.error.data], [1, problem]);
  assert.match(refused.error.message, /it has expired\. The token comes from MCP_TOKEN/);
  await wired.send(PING);
  const unknown = await wired.message();
  assert.deepEqual([unknown.id, unknown.error.code], [1, -32601]);
  await wired.send(PING);
  assert.match((await wired.message()).error.message, /HTTP status 502/);
  await wired.end();
});
