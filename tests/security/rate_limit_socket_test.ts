/** Ways round the rate limit that need a real socket (S30). */
import assert from "node:assert/strict";
import { sendRaw } from "../fixtures/raw_http.ts";
import { bearer, LimitedSurface, RULE } from "../fakes/limited_surface.ts";

/** The limited surface behind a socket of loopback. */
function served(limited: LimitedSurface) {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, (request, info) => limited.surface.fetch(request, info));
  return { address: server.addr, [Symbol.asyncDispose]: () => server.shutdown() };
}

function requests(count: number, head: string): string {
  return `${head}\r\nHost: localhost\r\n\r\n`.repeat(count);
}

Deno.test("bypass: pipelined requests are counted one by one [S30]", async () => {
  await using limited = new LimitedSurface();
  await using server = served(limited);
  const { authorization } = bearer(await limited.tokenFor("ada"));
  const piped = requests(50, `GET /status HTTP/1.1\r\nAuthorization: ${authorization}`);
  const { statuses } = await sendRaw(server.address, piped, { answers: 50 });
  assert.equal(statuses.length, 50);
  assert.equal(statuses.filter((status) => status === 200).length, RULE.burst);
  assert.equal(statuses.filter((status) => status === 429).length, 50 - RULE.burst);
});

Deno.test("bypass: many connections at once are one address's [S30]", async () => {
  await using limited = new LimitedSurface();
  await using server = served(limited);
  const asked = Array.from(
    { length: 40 },
    (_, n) => sendRaw(server.address, requests(1, `GET /nope${n} HTTP/1.1`)),
  );
  const statuses = (await Promise.all(asked)).flatMap(({ statuses }) => statuses);
  assert.equal(statuses.length, 40);
  assert.equal(statuses.filter((status) => status === 404).length, RULE.burst);
});

Deno.test("bypass: a target in absolute form is the path that it names [S30]", async () => {
  await using limited = new LimitedSurface();
  await using server = served(limited);
  const piped = requests(50, "GET http://localhost/nope HTTP/1.1") +
    requests(1, "GET http://localhost/health HTTP/1.1");
  const { statuses } = await sendRaw(server.address, piped, { answers: 51 });
  assert.equal(statuses.filter((status) => status === 404).length, RULE.burst);
  assert.equal(statuses.at(-1), 200);
});
