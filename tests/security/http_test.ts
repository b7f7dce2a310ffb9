/** Attacks from pages and by names that lead here (S35): each is refused, and the service answers on. */
import assert from "node:assert/strict";
import { assertRefused, Attacked, HOST, TOKEN } from "../fakes/attacked_surface.ts";

/** Every route, and paths that no route has. */
const EVERY_PATH = [
  "/",
  "/health",
  "/health/ready",
  "/status",
  "/metrics",
  "/openapi.json",
  "/problems/internal",
  "/mcp",
  "/api/v1/execute_code",
  "/api/v1/executions/01890000-0000-7000-8000-000000000001",
  "/api/v1/audit",
  "/api/v1/tokens/revoke",
  "/api/v1/users/dan/roles",
  "/docs",
  "/docs/start.js",
  "/nope",
];

Deno.test("a name that was made to lead here is refused on every route [S35]", async () => {
  await using attacked = new Attacked({ allowedHosts: ["tools.example.org", "2001:db8::1"] });
  const hosts = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost/health?",
    "10.0.0.1",
    "0.0.0.0",
    "[::2]",
    "\xff\xfe",
  ];
  for (const path of EVERY_PATH) {
    const said = await attacked.send([`GET ${path} HTTP/1.1`, "Host: evil.example", TOKEN]);
    assertRefused(said, "host_not_allowed", 403);
  }
  for (const host of hosts) {
    const said = await attacked.send(["GET /health HTTP/1.1", `Host: ${host}`]);
    assertRefused(said, "host_not_allowed", 403);
  }
  const ours = ["localhost", "LOCALHOST:1", "127.0.0.1:80", "127.9.9.9", "[::1]:8000"];
  for (const host of [...ours, "tools.example.org:443", "TOOLS.example.org", "[2001:db8::1]"]) {
    const said = await attacked.send(["GET /health HTTP/1.1", `Host: ${host}`]);
    assert.deepEqual(said.statuses, [200], host);
  }
});

Deno.test("a target in absolute form must name this service too [S35]", async () => {
  await using attacked = new Attacked();
  for (const authority of ["evil.example", "localhost@evil.example", "localhost:80@evil.example"]) {
    assertRefused(await attacked.get(`http://${authority}/health`), "host_not_allowed", 403);
  }
  const said = await attacked.send(["GET http://localhost/health HTTP/1.1", "Host: evil.example"]);
  assertRefused(said, "host_not_allowed", 403);
  assert.deepEqual((await attacked.get("http://localhost/health")).statuses, [200]);
});

Deno.test("two Hosts, or an empty one with a proxy's name, are no way in [S35]", async () => {
  await using attacked = new Attacked();
  const two = await attacked.send(["GET /health HTTP/1.1", HOST, "Host: evil.example"]);
  assert.deepEqual(two.statuses, [400]);
  const named = [
    "GET /status HTTP/1.1",
    "Host: evil.example",
    "X-Forwarded-Host: localhost",
    TOKEN,
  ];
  assertRefused(await attacked.send(named), "host_not_allowed", 403);
});

Deno.test("a page of another origin is refused on every route, and may read nothing [S35]", async () => {
  await using attacked = new Attacked();
  for (const path of EVERY_PATH) {
    for (
      const origin of ["https://evil.example", "null", "http://localhost.evil.example", "file://"]
    ) {
      const said = await attacked.get(path, `Origin: ${origin}`, TOKEN);
      assertRefused(said, "origin_not_allowed", 403);
      assert.doesNotMatch(said.text, /access-control/i);
    }
  }
  const preflight = [
    "OPTIONS /api/v1/execute_code HTTP/1.1",
    HOST,
    "Origin: http://localhost:3000",
  ];
  const said = await attacked.send([...preflight, "Access-Control-Request-Method: POST"]);
  assert.doesNotMatch(said.text, /access-control/i);
  assert.deepEqual(said.statuses, [401]);
});

Deno.test("CORS_ORIGINS lets those pages read, refusals too, and no others [S35]", async () => {
  await using attacked = new Attacked({ corsOrigins: ["https://app.example"] });
  const ours = "Origin: https://app.example";
  for (const path of ["/status", "/nope", "/api/v1/execute_code"]) {
    const { text } = await attacked.get(path, ours);
    assert.match(text, /^access-control-allow-origin: https:\/\/app\.example\r$/m, path);
    assert.match(text, /^vary: Origin\r$/m);
    assert.match(text, /^access-control-expose-headers: .*RateLimit/m);
    assert.doesNotMatch(text, /allow-credentials|allow-origin: \*/);
  }
  const preflight = (origin: string) =>
    attacked.send([
      "OPTIONS /api/v1/execute_code HTTP/1.1",
      HOST,
      origin,
      "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: authorization, content-type",
    ]);
  const allowed = await preflight(ours);
  assert.deepEqual(allowed.statuses, [204]);
  assert.match(allowed.text, /^access-control-allow-headers: Authorization, Content-Type/m);
  for (const origin of ["https://app.example.evil.example", "http://app.example", "null"]) {
    assertRefused(await preflight(`Origin: ${origin}`), "origin_not_allowed", 403);
  }
  const { text } = await attacked.get("/health");
  assert.doesNotMatch(text, /access-control-allow-origin/);
});

Deno.test("every answer carries the security headers, whatever it is [S31]", async () => {
  await using attacked = new Attacked();
  const answers = [
    ...await Promise.all(EVERY_PATH.map((path) => attacked.get(path, TOKEN))),
    await attacked.get("/health", "Origin: null"),
    await attacked.get("//health"),
    await attacked.send(["POST /health HTTP/1.1", HOST, "Content-Length: 0"]),
    await attacked.send(["POST /mcp HTTP/1.1", HOST, TOKEN, "Content-Length: 1"], "{"),
  ];
  for (const { text } of answers) {
    assert.match(text, /^x-content-type-options: nosniff\r$/m, text);
    assert.match(text, /^x-frame-options: DENY\r$/m);
    assert.match(text, /^content-security-policy: default-src 'none';.* frame-ancestors 'none'/m);
    assert.doesNotMatch(text, /^content-security-policy: .*(unsafe|\*|https?:)/m);
    assert.match(text, /^referrer-policy: no-referrer\r$/m);
    assert.match(text, /^cross-origin-resource-policy: same-origin\r$/m);
    assert.match(text, /^cache-control: no-store\r$/m);
    assert.doesNotMatch(text, /^(server|x-powered-by):/im);
  }
});
