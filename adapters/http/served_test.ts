import assert from "node:assert/strict";
import { endless } from "../../tests/fakes/fake_application.ts";
import { HttpSurface, MAX_BODY_BYTES } from "../../tests/fakes/http_surface.ts";

const HEADERS = { authorization: "Bearer developer-token", "content-type": "application/json" };

/** The surface behind a real socket, which brings real peers, chunks and broken connections. */
function served(): AsyncDisposable & { surface: HttpSurface; origin: string } {
  const surface = new HttpSurface();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, (request, info) => surface.fetch(request, info));
  return {
    surface,
    origin: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await surface[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}

Deno.test("a chunked body over the cap gets its 413 over a real socket [S35]", async () => {
  await using service = served();
  let left = MAX_BODY_BYTES + 1_000_000;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close();
      left -= 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(0x20));
    },
  });
  const url = `${service.origin}/api/v1/execute_code`;
  const response = await fetch(url, { method: "POST", headers: HEADERS, body });
  assert.equal(response.status, 413);
  assert.equal((await response.json()).code, "body_too_large");
  const next = await fetch(url, { method: "POST", headers: HEADERS, body: '{"code":"x"}' });
  assert.equal(next.status, 200);
  await next.body?.cancel();
});

Deno.test("a run ends when its caller closes the request [B5]", async () => {
  await using service = served();
  const { program, started, ended } = endless();
  service.surface.application.programs.set("wait", program);
  const caller = new AbortController();
  const asked = fetch(`${service.origin}/api/v1/execute_code`, {
    method: "POST",
    headers: HEADERS,
    body: '{"code":"wait"}',
    signal: caller.signal,
  });
  const left = assert.rejects(asked, { name: "AbortError" });
  await started;
  caller.abort();
  await left;
  await ended;
});

Deno.test("a finished run is not called cancelled [B5]", async () => {
  await using service = served();
  const aborted: boolean[] = [];
  service.surface.application.programs.set("quick", (_command, { signal }) => {
    aborted.push(signal.aborted);
    return { stdout: "done" };
  });
  const response = await fetch(`${service.origin}/api/v1/execute_code`, {
    method: "POST",
    headers: HEADERS,
    body: '{"code":"quick"}',
  });
  assert.equal((await response.json()).stdout, "done");
  const finished = service.surface.measurements.at(-1);
  assert.ok(finished?.kind === "http_request_finished");
  assert.deepEqual([finished.status, finished.outcome], [200, "ok"]);
  assert.deepEqual(aborted, [false]);
});

Deno.test("a long output arrives whole, and a caller who leaves in its midst harms nobody [S31]", async () => {
  await using service = served();
  const output = { stdout: "<".repeat(2_000_000), stderr: "x".repeat(2_000_000) };
  service.surface.application.programs.set("write", () => output);
  const ask = () =>
    fetch(`${service.origin}/api/v1/execute_code`, {
      method: "POST",
      headers: HEADERS,
      body: '{"code":"write"}',
    });
  const left = (await ask()).body?.getReader();
  await left?.read();
  await left?.cancel();
  const { stdout, stderr } = await (await ask()).json();
  assert.ok(stdout === output.stdout && stderr === output.stderr);
});

Deno.test("GET /metrics knows a loopback peer by its socket [S37]", async () => {
  await using service = served();
  const direct = await fetch(`${service.origin}/metrics`);
  assert.equal(await direct.text(), "up 1\n");
  const headers = { "x-forwarded-for": "127.0.0.1" };
  const forwarded = await fetch(`${service.origin}/metrics`, { headers });
  assert.equal(forwarded.status, 401);
  await forwarded.body?.cancel();
});
