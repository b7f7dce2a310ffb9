import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

Deno.test("GET /metrics answers a loopback peer in the Prometheus text format [S37]", async () => {
  await using surface = new HttpSurface();
  for (const peer of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
    const answer = await surface.send("/metrics", {}, peer);
    assert.equal(answer.status, 200, peer);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.equal(answer.text, "up 1\n");
  }
});

Deno.test("GET /metrics refuses other peers and whatever came through a proxy [S37]", async () => {
  await using surface = new HttpSurface();
  for (const peer of ["10.0.0.1", "128.0.0.1", "::2", "127.evil.example", "::ffff:10.0.0.1"]) {
    assert.equal((await surface.send("/metrics", {}, peer)).status, 401, peer);
  }
  for (const name of ["forwarded", "via", "x-forwarded-for", "X-Forwarded-Host", "x-real-ip"]) {
    const answer = await surface.send("/metrics", { headers: { [name]: "127.0.0.1" } });
    assert.equal(answer.status, 401, name);
    assert.equal(answer.json.code, "unauthenticated");
  }
});

Deno.test("GET /metrics answers anyone with the metrics token, and nobody without [S37]", async () => {
  await using surface = new HttpSurface({ metricsToken: "scrape-me" });
  const from = (authorization: string) =>
    surface.send("/metrics", { headers: { authorization, via: "1.1 proxy" } }, "10.0.0.1");
  assert.equal((await from("Bearer scrape-me")).status, 200);
  for (const wrong of ["Bearer scrape-m", "Bearer scrape-mex", "scrape-me", "Bearer admin-token"]) {
    assert.equal((await from(wrong)).status, 401, wrong);
  }
  await using tokenless = new HttpSurface();
  const headers = { authorization: "Bearer null" };
  assert.equal((await tokenless.send("/metrics", { headers }, "10.0.0.1")).status, 401);
});

Deno.test("GET /metrics refuses the owner's socket, which any of its peers may stand behind [S37]", async () => {
  await using surface = new HttpSurface();
  const remoteAddr = { transport: "unix", path: "/data/service.sock" } as const;
  const ask = (path: string) =>
    surface.fetch(new Request(`http://localhost${path}`), { remoteAddr });
  const refused = await ask("/metrics");
  assert.equal(refused.status, 401);
  await refused.body?.cancel();
  const alive = await ask("/health");
  assert.equal(alive.status, 200);
  await alive.body?.cancel();
});
