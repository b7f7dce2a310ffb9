/** Ways round the rate limit (S30). Each begins where the limit has been used up, and gets nothing. */
import assert from "node:assert/strict";
import { addressSpent, bearer, LimitedSurface, RULE } from "../fakes/limited_surface.ts";
import { mcpCall, mcpRequest } from "../fixtures/mcp_message.ts";

const STATUS = "/status";

/** A surface on which one user has used up the limit. */
async function userSpent() {
  const limited = new LimitedSurface();
  const token = await limited.tokenFor("ada");
  const ask = () => limited.ask(STATUS, { headers: bearer(token) });
  assert.equal(await limited.letIn(RULE.burst + 1, ask), RULE.burst);
  return { limited, token };
}

Deno.test("a limited request says what is left, and when to ask again [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = bearer(await limited.tokenFor("ada"));
  const first = await limited.ask(STATUS, { headers });
  assert.equal(first.headers.get("ratelimit"), '"default";r=9;t=1');
  assert.equal(first.headers.get("ratelimit-policy"), '"default";q=10;w=10');
  assert.equal(first.headers.get("retry-after"), null);
  await limited.letIn(9, () => limited.ask(STATUS, { headers }));
  const refused = await limited.ask(STATUS, { headers });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("ratelimit"), '"default";r=0;t=10');
  assert.equal(refused.headers.get("retry-after"), "1");
  limited.clock.advance(1000);
  assert.equal((await limited.ask(STATUS, { headers })).status, 200);
  assert.equal((await limited.ask(STATUS, { headers })).status, 429);
});

Deno.test("a run costs five units, in any method and whatever comes of it [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = { ...bearer(await limited.tokenFor("ada")), "content-type": "application/json" };
  const run = { method: "POST", headers, body: '{"code":"x"}' };
  const answer = await limited.ask("/api/v1/execute_code", run);
  assert.deepEqual([answer.status, answer.headers.get("ratelimit")], [200, '"default";r=5;t=5']);
  await limited.ask("/api/v1/execute_code", { method: "DELETE", headers });
  assert.equal((await limited.ask("/api/v1/execute_code", run)).status, 429);
});

Deno.test("queueing a run costs five units, in any method but those that list runs [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = bearer(await limited.tokenFor("ada"));
  const left = async (method: string) => {
    const answer = await limited.ask("/api/v1/executions", { method, headers });
    return answer.headers.get("ratelimit");
  };
  assert.deepEqual([await left("GET"), await left("HEAD")], [
    '"default";r=9;t=1',
    '"default";r=8;t=2',
  ]);
  assert.equal(await left("PUT"), '"default";r=3;t=7');
  assert.equal(await left("POST"), '"default";r=3;t=7');
});

Deno.test("an MCP call of a run costs five units too, and batches are not taken [S30]", async () => {
  await using limited = new LimitedSurface();
  const call = mcpCall("execute_code", {});
  const asked = async (subject: string, message: { headers: object; body: unknown }) => {
    const headers = { ...message.headers, ...bearer(await limited.tokenFor(subject)) };
    const body = JSON.stringify(message.body);
    const answer = await limited.ask("/mcp", { method: "POST", headers, body });
    return [answer.status, answer.headers.get("ratelimit")];
  };
  assert.deepEqual(await asked("ada", call), [200, '"default";r=5;t=5']);
  assert.deepEqual(await asked("ada", call), [200, '"default";r=0;t=10']);
  const listed = [200, '"default";r=9;t=1'];
  assert.deepEqual(await asked("bob", mcpRequest("tools/list")), listed);
  const batch = (...body: unknown[]) => ({ ...call, body });
  assert.deepEqual(await asked("cyd", batch(call.body, call.body)), [400, '"default";r=9;t=1']);
  assert.deepEqual(await asked("cyd", batch()), [400, '"default";r=8;t=2']);
});

Deno.test("bypass: one user's limit is not another's [S30]", async () => {
  const { limited } = await userSpent();
  await using _surface = limited;
  const headers = bearer(await limited.tokenFor("bob"));
  assert.equal((await limited.ask(STATUS, { headers })).status, 200);
});

Deno.test("bypass: several tokens, and fresh ones each time, are one user's [S30]", async () => {
  const { limited } = await userSpent();
  await using _surface = limited;
  const peers = ["192.0.2.2", "192.0.2.3", "2001:db8::1"];
  for (const peer of peers) {
    const headers = bearer(await limited.tokenFor("ada"));
    assert.equal((await limited.ask(STATUS, { headers, peer })).status, 429, peer);
  }
});

Deno.test("bypass: a forged 'sub' counts for the address, before its signature is looked at [S30]", async () => {
  await using limited = new LimitedSurface();
  const forged = (time: number) => {
    const claims = { sub: `user ${time}`, roles: ["admin"], exp: 9e9, iss: "i", aud: "a" };
    const parts = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => btoa(JSON.stringify(part)));
    const headers = bearer(`${parts.join(".").replaceAll("=", "")}.AAAA`);
    return limited.ask(STATUS, { headers });
  };
  assert.equal(await limited.letIn(50, forged), RULE.burst);
  assert.equal(limited.verified, RULE.burst);
  assert.equal(limited.users.size, 0);
});

Deno.test("bypass: no token, and no known scheme, count for the address [S30]", async () => {
  await using limited = new LimitedSurface();
  const sent: Record<string, string>[] = [
    {},
    { authorization: "" },
    { authorization: "Basic YTpi" },
    { authorization: "Bearer" },
    { authorization: "Bearer a b" },
    { authorization: "Bearer a, Bearer b" },
  ];
  const ask = (time: number) => limited.ask(STATUS, { headers: sent[time % sent.length] ?? {} });
  assert.equal(await limited.letIn(60, ask), RULE.burst);
  assert.equal(limited.verified, 0);
});

Deno.test("bypass: a token that verifies no more is as good as a wrong one [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = bearer(await limited.tokenFor("ada"));
  assert.equal((await limited.ask(STATUS, { headers })).status, 200);
  limited.clock.advance(120_000);
  assert.equal(await limited.letIn(50, () => limited.ask(STATUS, { headers })), RULE.burst);
});

Deno.test("bypass: wrong tokens of one's neighbours do not keep a user out who is known [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = bearer(await limited.tokenFor("ada"));
  assert.equal((await limited.ask(STATUS, { headers })).status, 200);
  await limited.letIn(50, (time) => limited.ask(STATUS, { headers: bearer(`wrong${time}`) }));
  assert.equal((await limited.ask(STATUS, { headers })).status, 200);
});

Deno.test("bypass: a user's token does not pay for what needs none [S30]", async () => {
  await using limited = await addressSpent();
  const headers = bearer(await limited.tokenFor("ada"));
  assert.equal((await limited.ask("/openapi.json", { headers })).status, 429);
});

/** Spellings of limited paths, and of those that are not limited. */
const SPELLINGS = [
  "/openapi.JSON",
  "/OPENAPI.json",
  "/openapi.json/",
  "//openapi.json",
  "/./openapi.json",
  "/health/../openapi.json",
  "/%2e/openapi.json",
  "/openapi%2ejson",
  "/openapi.json%2f",
  "/%6fpenapi.json",
  "/openapi.json?a=1",
  "/openapi.json;a=1",
  "/openapi.json#a",
  "/openapi.json\\",
  "/openapi.json%00",
  "/%ff",
  "/HEALTH",
  "/health/",
  "//health",
  "/%68ealth",
  "/health%2f",
  "/health/x",
  "/health/..;/status",
  "/health/../status",
  "/health/%2e%2e/status",
  "/health/..%2fstatus",
  "/metrics",
];

Deno.test("bypass: no spelling of a path is free [S30]", async () => {
  await using limited = await addressSpent();
  for (const path of SPELLINGS) assert.equal((await limited.ask(path)).status, 429, path);
});

Deno.test("bypass: no spelling of a run's path runs cheaply or for nothing [S30]", async () => {
  const { limited, token } = await userSpent();
  await using _surface = limited;
  const headers = { ...bearer(token), "content-type": "application/json" };
  const ran: string[] = [];
  limited.surface.application.programs.set("x", () => (ran.push("x"), {}));
  for (const folder of ["/api/v1", "/API/v1", "//api/v1", "/api//v1", "/health/../api/v1"]) {
    for (
      const name of [
        "execute_code",
        "execute_code/",
        "EXECUTE_CODE",
        "execute%5fcode",
        "./execute_code",
      ]
    ) {
      const path = `${folder}/${name}`;
      await limited.ask(path, { method: "POST", headers, body: '{"code":"x"}' });
    }
  }
  assert.deepEqual(ran, []);
});

Deno.test("bypass: every method counts, and none stands for another [S30]", async () => {
  await using limited = await addressSpent();
  for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE"]) {
    assert.equal((await limited.ask("/openapi.json", { method })).status, 429, method);
    const unlimited = method === "GET" || method === "HEAD";
    assert.equal((await limited.ask("/health", { method })).status === 429, !unlimited, method);
  }
  for (const name of ["x-http-method-override", "x-http-method", "x-method-override", "_method"]) {
    const asking = { method: "POST", headers: { [name]: "GET" } };
    assert.equal((await limited.ask("/health?_method=GET", asking)).status, 429, name);
  }
});

Deno.test("bypass: HEAD costs what GET costs [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = bearer(await limited.tokenFor("ada"));
  const ask = (time: number) =>
    limited.ask(STATUS, { headers, method: time % 2 === 0 ? "HEAD" : "GET" });
  assert.equal(await limited.letIn(30, ask), RULE.burst);
});

Deno.test("bypass: what is refused for its Host or Origin counts, token or not [S30]", async () => {
  await using limited = new LimitedSurface();
  const token = bearer(await limited.tokenFor("ada"));
  await limited.ask(STATUS, { headers: token });
  const faults: Record<string, string>[] = [{ host: "evil.example" }, { origin: "null" }];
  const ask = (time: number) =>
    limited.ask(STATUS, { headers: { ...token, ...faults[time % faults.length] } });
  // The token's first use was one unit of the address.
  assert.equal(await limited.letIn(30, ask), RULE.burst - 1);
});

Deno.test("bypass: a burst at once gets no more than one after another [S30]", async () => {
  await using limited = new LimitedSurface();
  const headers = bearer(await limited.tokenFor("ada"));
  await limited.ask(STATUS, { headers });
  const known = await Promise.all(
    Array.from({ length: 200 }, () => limited.ask(STATUS, { headers })),
  );
  assert.equal(known.filter(({ status }) => status === 200).length, RULE.burst - 1);
  const wrong = Array.from(
    { length: 200 },
    (_, time) => limited.ask(STATUS, { headers: bearer(`wrong${time}`), peer: "192.0.2.9" }),
  );
  const statuses = (await Promise.all(wrong)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 401).length, RULE.burst);
});

Deno.test("bypass: very many addresses take bounded memory and free nobody [S30]", async () => {
  await using limited = await addressSpent();
  for (let n = 0; n < 5000; n += 1) {
    await limited.ask("/nope", { peer: `10.${n >> 8}.${n & 255}.1` });
  }
  assert.ok(limited.addresses.size <= 1000, String(limited.addresses.size));
  assert.equal((await limited.ask("/openapi.json")).status, 429);
  const headers = bearer(await limited.tokenFor("bob"));
  limited.clock.advance(1000);
  assert.equal((await limited.ask(STATUS, { headers })).status, 200);
});

Deno.test("bypass: a clock that goes back gives nothing [S30]", async () => {
  await using limited = await addressSpent();
  for (const moved of [-500, -5000, 5000, -1000]) {
    limited.clock.advance(moved);
    assert.equal((await limited.ask("/openapi.json")).status, 429);
  }
});

Deno.test("bypass: probes and this machine's own scraper are never limited [S30]", async () => {
  await using limited = await addressSpent([], "127.0.0.1");
  for (const path of ["/health", "/health/ready", "/metrics"]) {
    const answer = await limited.ask(path, { peer: "127.0.0.1" });
    assert.deepEqual([answer.status, answer.headers.get("ratelimit")], [200, null], path);
  }
  const headers = { "x-forwarded-for": "127.0.0.1" };
  assert.equal((await limited.ask("/metrics", { peer: "127.0.0.1", headers })).status, 429);
});
