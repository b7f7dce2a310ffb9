import assert from "node:assert/strict";
import { endless } from "../../tests/fakes/fake_application.ts";
import { HttpSurface } from "../../tests/fakes/http_surface.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { mcpCall } from "../../tests/fixtures/mcp_message.ts";

const HEADERS = { authorization: "Bearer developer-token", "content-type": "application/json" };
const PEER = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
const OWNER_SOCKET = { transport: "unix", path: "service.sock" } as const;

/** Watches that are open, and a way to say that all of their callers have left. */
class Watches {
  readonly open = new Set<() => void>();
  begun = 0;

  watch(_connection: unknown, left: () => void): Disposable {
    this.begun += 1;
    this.open.add(left);
    return { [Symbol.dispose]: () => void this.open.delete(left) };
  }

  allLeave(): void {
    for (const left of this.open) left();
  }
}

Deno.test("createHttpApp() counts as failed what nobody waited for, though only somebody else noticed [B5, S37]", async () => {
  const peers = new Watches();
  await using surface = new HttpSurface({ peers });
  for (const leaves of [false, true]) {
    surface.application.programs.set("deaf", (_command, { signal }) => {
      if (leaves) peers.allLeave();
      assert.equal(signal.aborted, leaves);
      return { stdout: "done" };
    });
    const init = { method: "POST", headers: HEADERS, body: '{"code":"deaf"}' };
    const request = new Request("http://localhost/api/v1/execute_code", init);
    const completed = Promise.resolve();
    const response = await surface.fetch(request, { remoteAddr: PEER, completed }, 8000);
    assert.equal((await response.json()).stdout, "done");
    const finished = surface.measurements.at(-1);
    assert.ok(finished?.kind === "http_request_finished");
    assert.deepEqual([finished.status, finished.outcome], [200, leaves ? "left" : "ok"]);
  }
});

Deno.test("createHttpApp() watches nobody whose end no server tells [B5]", async () => {
  const peers = new Watches();
  await using surface = new HttpSurface({ peers });
  const init = { method: "POST", headers: HEADERS, body: '{"code":"x"}' };
  const request = new Request("http://localhost/api/v1/execute_code", init);
  await (await surface.fetch(request, { remoteAddr: PEER }, 8000)).body?.cancel();
  assert.equal(peers.begun, 0);
});

/** What callers send on one connection, piece by piece, and whether they wait for as many answers. */
const ENDINGS: Readonly<Record<string, { pieces: readonly string[]; answers: number }>> = {
  "answered, twice on a connection": { pieces: [post("x"), post("x")], answers: 2 },
  "pipelined": { pieces: [post("x") + post("x") + post("x")], answers: 3 },
  "refused": { pieces: [post("x").replace('"code"', '"cope"')], answers: 1 },
  "closed with the body outstanding": { pieces: [post("x").slice(0, -5)], answers: 0 },
  "closed while it runs": { pieces: [post("wait")], answers: 0 },
  "closed while one runs and one waits": { pieces: [post("wait") + post("x")], answers: 0 },
};

function post(code: string): string {
  const body = JSON.stringify({ code });
  const headers = Object.entries({ host: "localhost", ...HEADERS, "content-length": body.length });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `POST /api/v1/execute_code HTTP/1.1\r\n${lines}\r\n${body}`;
}

Deno.test("a request's watch ends with it, however that ends [B5]", async (t) => {
  const peers = new Watches();
  await using surface = new HttpSurface({ peers });
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, (request, info) => surface.fetch(request, info, 1));
  for (const [name, { pieces, answers }] of Object.entries(ENDINGS)) {
    await t.step(name, async () => {
      const { program, started } = endless();
      surface.application.programs.set("wait", program);
      const before = peers.begun;
      const finished = () => surface.lines.filter(({ event }) => event === "http_request").length;
      const begun = () =>
        surface.measurements.filter(({ kind }) => kind === "http_request_started").length;
      const [lines, earlier] = [finished(), begun()];
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
      for (const piece of pieces) await connection.write(new TextEncoder().encode(piece));
      if (answers > 0) await eventually("the answers", () => finished() >= lines + answers || null);
      else if (pieces[0]?.includes("wait")) await started;
      else await eventually("the request", () => begun() > earlier || null);
      connection.close();
      // What Deno has not noticed.
      peers.allLeave();
      if (answers === 0) await eventually("its line", () => finished() > lines || null);
      await eventually("the end of all watches", () => peers.open.size === 0 || null);
      if (answers > 0 && name !== "refused") assert.equal(peers.begun - before, answers);
    });
  }
  await server.shutdown();
});

Deno.test("/mcp begins a tool's answer at once on the owner's socket, which shows who leaves there [S22, B5]", async () => {
  await using surface = new HttpSurface();
  const { headers, body } = mcpCall("execute_code", { code: "wait" });
  const init = { method: "POST", headers: { ...HEADERS, ...headers }, body: JSON.stringify(body) };
  const { program, started, ended } = endless();
  surface.application.programs.set("wait", program);
  const request = new Request("http://localhost/mcp", init);
  const response = await surface.fetch(request, { remoteAddr: OWNER_SOCKET });
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  await started;
  await response.body?.cancel();
  await ended;
  surface.application.programs.set("wait", () => ({ stdout: "done" }));
  const short = await surface.fetch(new Request(request.url, init), { remoteAddr: PEER });
  assert.match(short.headers.get("content-type") ?? "", /^application\/json/);
  await short.body?.cancel();
});
