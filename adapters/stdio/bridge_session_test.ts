import assert from "node:assert/strict";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { CALL, json, PING, stream, Wired } from "../../tests/fakes/wired_bridge.ts";
import type { Post } from "./owner_socket.ts";

const INITIALIZE = { jsonrpc: "2.0", id: 0, method: "initialize", params: {} };
const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };
const LEVEL = { jsonrpc: "2.0", id: 8, method: "logging/setLevel", params: { level: "info" } };

/** A service that knows one session at a time. */
class Service {
  readonly #sessions: string[] = [];
  #current = "";

  /** Forgets its sessions, as one that was started again. */
  restart(): void {
    this.#current = "";
  }

  answer({ body, headers }: Post): Response {
    const { id, method } = JSON.parse(body);
    if (method === "initialize") {
      this.#current = `s${this.#sessions.push("") - 1}`;
      const answer = json({ jsonrpc: "2.0", id, result: { protocolVersion: "2025-11-25" } });
      answer.headers.set("mcp-session-id", this.#current);
      return answer;
    }
    const error = { code: -32001, message: "Session not found" };
    if (headers["mcp-session-id"] !== this.#current) return json({ jsonrpc: "2.0", error }, 404);
    return id === undefined
      ? new Response(null, { status: 202 })
      : json({ jsonrpc: "2.0", id, result: {} });
  }
}

function methodsOf(posts: readonly Post[]): string[] {
  return posts.map(({ body, headers: { "mcp-session-id": session = "none" } }) =>
    `${JSON.parse(body).method ?? "answer"} ${session}`
  );
}

/** A bridge whose client has shaken hands. */
async function begun(service: Service, reach?: (post: Post) => Response): Promise<Wired> {
  const wired = new Wired((post) => service.answer(post), reach);
  await wired.send(INITIALIZE);
  await wired.line();
  await wired.send(INITIALIZED);
  await eventually("the handshake", () => wired.posts.length === 2 || null);
  return wired;
}

Deno.test("BridgeSession sends what the client sends in its session, and ends it [S22]", async () => {
  const asked = { jsonrpc: "2.0", id: "s1", method: "ping" };
  const wired = await begun(
    new Service(),
    ({ verb }) =>
      verb === "GET"
        ? stream({ id: "e1", data: "" }, { id: "e2", data: JSON.stringify(asked) })
        : json({}),
  );
  assert.deepEqual(JSON.parse(await wired.line()), asked, "what the service asks");
  await wired.send({ jsonrpc: "2.0", id: "s1", result: {} });
  await wired.send(PING);
  await wired.line();
  await wired.end();
  assert.deepEqual(methodsOf(wired.posts), [
    "initialize none",
    "notifications/initialized s0",
    "answer s0",
    "ping s0",
  ]);
  const [first] = wired.reached;
  assert.deepEqual([first?.verb, first?.headers["mcp-session-id"]], ["GET", "s0"]);
  assert.equal(first?.headers["last-event-id"], undefined);
  const again = wired.reached.filter(({ verb }) => verb === "GET").at(-1);
  assert.equal(again?.headers["last-event-id"], "e2", "it goes on where the stream broke off");
  assert.equal(wired.reached.at(-1)?.verb, "DELETE");
});

Deno.test("BridgeSession begins anew with another service, unseen by its client [S22]", async () => {
  const service = new Service();
  const wired = await begun(service, () => json({}, 405));
  await wired.send(LEVEL);
  await wired.line();
  service.restart();
  await wired.send(CALL);
  await wired.send(PING);
  const answers = [await wired.message(), await wired.message()].map(({ id }) => id);
  assert.deepEqual(answers.toSorted(), [1, 2]);
  const sent = methodsOf(wired.posts.slice(3));
  assert.deepEqual(sent.filter((method) => !/ s0$/.test(method)), [
    "initialize none",
    "notifications/initialized s1",
    "logging/setLevel s1",
    ...sent.slice(-2),
  ]);
  assert.deepEqual(sent.slice(-2).toSorted(), ["ping s1", "tools/call s1"]);
  const ids = wired.posts.map(({ body }) => JSON.parse(body).id).filter((id) => id !== undefined);
  const made = ids.filter((id) => String(id).startsWith("renewed-"));
  assert.equal(new Set(made).size, 2, "under ids that the client cannot have given");
  const streams = wired.reached.map(({ verb, headers }) => `${verb} ${headers["mcp-session-id"]}`);
  assert.deepEqual(streams, ["GET s0", "GET s1"], "one that is refused is not asked for again");
  await wired.end();
});

Deno.test("BridgeSession tells the session what is cancelled, and only that [S22]", async () => {
  const service = new Service();
  const signals: AbortSignal[] = [];
  const wired = new Wired((post) => {
    if (!post.body.includes("tools/call")) return service.answer(post);
    signals.push(post.signal);
    return new Promise((_, reject) => {
      post.signal.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
    });
  });
  await wired.send(INITIALIZE);
  await wired.line();
  await wired.send(CALL);
  for (const requestId of [2, 77]) {
    await wired.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
  }
  await wired.send(PING);
  assert.equal((await wired.message()).id, 1);
  assert.equal(signals[0]?.aborted, true);
  assert.deepEqual(methodsOf(wired.posts), [
    "initialize none",
    "tools/call s0",
    "notifications/cancelled s0",
    "ping s0",
  ]);
  await wired.end();
});

Deno.test("BridgeSession gives messages of 2026-07-28 no session [S22]", async () => {
  const wired = await begun(new Service(), () => json({}, 405));
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  await wired.send({ ...PING, method: "tools/list", params: { _meta } });
  await wired.line();
  assert.equal(wired.posts.at(-1)?.headers["mcp-session-id"], undefined);
  await wired.end();
});
