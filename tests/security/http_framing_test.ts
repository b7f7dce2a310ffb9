/** Attacks by how a request is written (S35): each is refused, and the service answers on. */
import assert from "node:assert/strict";
import { connect } from "node:http2";
import { assertRefused, Attacked, HOST, TOKEN } from "../fakes/attacked_surface.ts";
import { BODY_PACE } from "../../adapters/http/middleware/body_pace.ts";

/** Spellings that others may read as another path. */
const SPELLINGS = [
  "//health",
  "/health//ready",
  "/./health",
  "/health/.",
  "/nope/../health",
  "/health/..",
  "/%2e/health",
  "/nope/%2e%2e/health",
  "/nope/.%2E/health",
  "/..%2fhealth",
  "/health%2fready",
  "/health%5cready",
  "/health\\ready",
  "/\\health",
  "/health%00",
  "/he%0aalth",
  "/health%0d%0aX-Injected:%20yes",
  "/health%7f",
  "/%68ealth",
  "/%2568ealth",
  "/health%",
  "/health%zz",
  "/%ff",
  "/%c0%ae%c0%ae/health",
  "/%ed%a0%80",
  "/api/v1/users/../status/roles",
  "/api/v1/users/%2e%2e/roles",
  "/api/v1/users/..%2fstatus/../roles",
  "/api/v1/users/a%2fb",
  "/api/v1/users/a/roles%2f",
  "/api/v1/users/%61/roles",
  "/api/v1/users/%ff/roles",
];

Deno.test("no other spelling of a path reaches a route [S35]", async () => {
  await using attacked = new Attacked();
  for (const path of SPELLINGS) {
    const said = await attacked.get(path, TOKEN);
    assertRefused(said, "malformed_request", 400);
    assert.doesNotMatch(said.text, /^x-injected/im);
  }
  const others = [
    "/health;x=y",
    "/health;/ready",
    "/health/",
    "/HEALTH",
    "/health.json",
    "/health~",
  ];
  for (const path of others) assertRefused(await attacked.get(path, TOKEN), "not_found", 404);
  const routes = attacked.surface.measurements.flatMap((measurement) =>
    measurement.kind === "http_request_finished" ? [measurement.route] : []
  );
  const known = new Set([
    "unmatched",
    "/health",
    "/status",
    "/problems/{code}",
    "/api/v1/users/{id}/roles",
  ]);
  assert.deepEqual(routes.filter((route) => !known.has(route)), []);
});

Deno.test("a header cannot stand for the method [S35]", async () => {
  await using attacked = new Attacked();
  const ran: string[] = [];
  attacked.surface.application.programs.set("x", () => (ran.push("x"), {}));
  const json = ["Content-Type: application/json", "Content-Length: 12", TOKEN];
  for (const name of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]) {
    const lines = [
      "GET /api/v1/execute_code?_method=POST HTTP/1.1",
      HOST,
      ...json,
      `${name}: POST`,
    ];
    assertRefused(await attacked.send(lines, '{"code":"x"}'), "method_not_allowed", 405);
    const form = ["POST /health?_method=GET HTTP/1.1", HOST, `${name}: GET`, "Content-Length: 0"];
    assertRefused(await attacked.send(form), "method_not_allowed", 405);
  }
  assert.deepEqual(ran, []);
});

Deno.test("two Authorization headers are refused, in either order [S27]", async () => {
  await using attacked = new Attacked();
  const lines = [
    TOKEN,
    "Authorization: Bearer wrong",
    "authorization:",
    "Authorization: Basic eA==",
  ];
  for (const second of lines) {
    for (const both of [[TOKEN, second], [second, TOKEN]]) {
      assertRefused(await attacked.get("/status", ...both), "malformed_request", 400);
    }
  }
});

/** Requests that two servers could cut at different places. */
const SMUGGLED: Readonly<Record<string, readonly [string[], string]>> = {
  "both lengths": [["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
  "both, the other way round": [["Transfer-Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"],
  "two lengths": [["Content-Length: 5", "Content-Length: 6"], "abcdef"],
  "a list of lengths": [["Content-Length: 5, 6"], "abcdef"],
  "a signed length": [["Content-Length: +5"], "abcde"],
  "a negative length": [["Content-Length: -1"], ""],
  "an unknown coding": [["Transfer-Encoding: xchunked"], "0\r\n\r\n"],
  "chunked not last": [["Transfer-Encoding: chunked, identity"], "0\r\n\r\n"],
  "a space before the colon": [["Transfer-Encoding : chunked"], "0\r\n\r\n"],
  "a folded header": [["X-A: a\r\n Transfer-Encoding: chunked"], "0\r\n\r\n"],
  "a NUL in a header": [["X-A: a\0b"], ""],
  "a bare CR in a header": [["X-A: a\rTransfer-Encoding: chunked"], ""],
};

for (const [name, [headers, body]] of Object.entries(SMUGGLED)) {
  Deno.test(`a request that is two to somebody else is refused: ${name} [S35]`, async () => {
    await using attacked = new Attacked();
    const second = `GET /status HTTP/1.1\r\n${HOST}\r\n${TOKEN}\r\n\r\n`;
    const lines = ["POST /mcp HTTP/1.1", HOST, TOKEN, ...headers];
    const { statuses, closed } = await attacked.send(lines, body + second, { untilClosed: true });
    assert.deepEqual([statuses, closed], [[400], true]);
    assert.deepEqual(attacked.surface.measurements, []);
  });
}

Deno.test("a broken chunk ends its request and lets nothing of it in [S35]", async () => {
  await using attacked = new Attacked();
  for (
    const body of [
      "zz\r\nab\r\n0\r\n\r\n",
      "ffffffffffffffffff\r\na",
      "-1\r\n\r\n",
      "2\r\nabcd\r\n",
    ]
  ) {
    const type = "Content-Type: application/json";
    const lines = ["POST /api/v1/execute_code HTTP/1.1", HOST, TOKEN, type];
    const said = await attacked.send([...lines, "Transfer-Encoding: chunked"], body, {
      untilClosed: true,
    });
    assert.ok(said.closed && said.statuses.every((status) => status >= 400 && status < 500), body);
  }
});

Deno.test("long targets and headers are refused, and many headers do no harm [S35]", async () => {
  await using attacked = new Attacked();
  assertRefused(await attacked.get(`/${"a".repeat(9000)}`), "malformed_request", 400);
  assertRefused(await attacked.get(`/health?${"a".repeat(60_000)}`), "malformed_request", 400);
  assert.deepEqual((await attacked.get(`/${"a".repeat(70_000)}`)).statuses, [400]);
  assert.deepEqual((await attacked.get("/health", `X-A: ${"a".repeat(500_000)}`)).statuses, [400]);
  const many = Array.from({ length: 50_000 }, (_, n) => `X-${n}: ${n}`);
  assert.deepEqual((await attacked.get("/health", ...many)).statuses, [400]);
  const token = `Authorization: Bearer ${"a".repeat(50_000)}`;
  assertRefused(await attacked.get("/status", token), "unauthenticated", 401);
});

Deno.test("methods of proxies are none here [S35]", async () => {
  await using attacked = new Attacked();
  for (const target of ["localhost:80", "evil.example:443"]) {
    const { statuses, text } = await attacked.send([
      `CONNECT ${target} HTTP/1.1`,
      `Host: ${target}`,
    ]);
    assert.ok(statuses.every((status) => status >= 400 && status < 500), text);
    assert.ok(statuses.length === 1, text);
  }
  const traced = await attacked.send(["TRACE /health HTTP/1.1", HOST, "X-Secret: s3cret"]);
  assertRefused(traced, "method_not_allowed", 405);
  assert.doesNotMatch(traced.text, /s3cret/);
  assert.deepEqual((await attacked.send(["OPTIONS * HTTP/1.1", HOST])).statuses, [404]);
});

Deno.test("other versions of the protocol get no more than this one [S35]", async () => {
  await using attacked = new Attacked();
  assert.deepEqual((await attacked.raw("GET /status\r\n", { untilClosed: true })).statuses, [400]);
  assert.deepEqual((await attacked.raw("GET /status HTTP/3.0\r\n\r\n")).statuses, [400]);
  assert.deepEqual(
    (await attacked.raw("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")).statuses,
    [400],
  );
  const old = await attacked.send(["GET /status HTTP/1.0"], "", { untilClosed: true });
  assertRefused(old, "unauthenticated", 401);
  const upgrade = [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABk",
  ];
  assertRefused(await attacked.get("/status", ...upgrade), "unauthenticated", 401);
  const preface = await attacked.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x09\xff\0\0\0\0", {
    untilClosed: true,
  });
  assert.deepEqual([preface.statuses, preface.closed], [[], true]);
});

Deno.test("HTTP/2 without TLS is held to the same rules [S35]", async () => {
  await using attacked = new Attacked();
  const session = connect(`http://127.0.0.1:${attacked.port}`);
  const statusOf = (headers: Readonly<Record<string, string>>) =>
    new Promise<unknown>((resolve, reject) => {
      const request = session.request(headers);
      request.on("response", (answer) => resolve(answer[":status"])).on("error", reject).end();
      request.resume();
    });
  assert.equal(await statusOf({ ":path": "/health" }), 200);
  assert.equal(await statusOf({ ":path": "/health", ":authority": "evil.example" }), 403);
  assert.equal(await statusOf({ ":path": "/health", host: "evil.example" }), 403);
  assert.equal(await statusOf({ ":path": "//health" }), 400);
  assert.equal(await statusOf({ ":path": "/status" }), 401);
  await new Promise<void>((resolve) => session.close(resolve));
});

Deno.test("heads that do not end keep nobody else out [S35]", async () => {
  await using attacked = new Attacked();
  await using stack = new AsyncDisposableStack();
  for (let n = 0; n < 200; n += 1) {
    const opened = stack.adopt(await attacked.connect(), (connection) => connection.close());
    await opened.write(new TextEncoder().encode(`GET /status HTTP/1.1\r\n${HOST}\r\nX-${n}: `));
  }
  assert.deepEqual((await attacked.get("/health")).statuses, [200]);
  assert.equal(attacked.surface.measurements.length, 2);
});

const JSON_HEAD = [
  "POST /api/v1/execute_code HTTP/1.1",
  HOST,
  TOKEN,
  "Content-Type: application/json",
];

Deno.test("a body that does not come is not waited for [S35]", async () => {
  const bodyPace = { graceSeconds: 0.05, bytesPerSecond: 1_000_000 };
  await using attacked = new Attacked({ bodyPace });
  const bodies = [
    ["Content-Length: 12", '{"code"'],
    ["Content-Length: 12", ""],
    ["Content-Length: 100000", '{"code"'],
    ["Transfer-Encoding: chunked", "2\r\n{}\r\n"],
    ["Transfer-Encoding: chunked", ""],
  ] as const;
  for (const [length, begun] of bodies) {
    const said = await attacked.send([...JSON_HEAD, length], begun);
    assertRefused(said, "body_too_slow", 408);
    assert.match(said.text, /^connection: close\r$/m);
  }
});

Deno.test("a body that trickles is ended, and one that keeps its pace is read [S35]", async () => {
  const bodyPace = { graceSeconds: 0.2, bytesPerSecond: 20 };
  await using attacked = new Attacked({ bodyPace });
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const lines = [...JSON_HEAD, "Transfer-Encoding: chunked"];
  const trickle = Array.from({ length: 100 }, () => chunk(" "));
  const ended = await attacked.trickle(lines, trickle, 100);
  assertRefused(ended, "body_too_slow", 408);
  const steady = [...Array.from({ length: 6 }, () => chunk(" ".repeat(60))), chunk('{"code":"x"}')];
  const { statuses, text } = await attacked.trickle(lines, [...steady, "0\r\n\r\n"], 100);
  assert.deepEqual(statuses, [200], text);
  assert.ok(BODY_PACE.graceSeconds <= 30);
});
