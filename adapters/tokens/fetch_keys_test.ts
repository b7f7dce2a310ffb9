import assert from "node:assert/strict";
import { fetchKeys } from "./fetch_keys.ts";

const KEYS = { keys: [] };

/** A server of loopback that answers as it is told. */
function serve(answer: (request: Request) => Response | Promise<Response>) {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, answer);
  const url = `http://127.0.0.1:${server.addr.port}/keys?a=b`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("fetchKeys() gives what the issuer answers [S27]", async () => {
  let asked = "";
  await using server = serve((request) => {
    asked = `${request.method} ${new URL(request.url).search} ${request.headers.get("accept")}`;
    return Response.json(KEYS);
  });
  assert.deepEqual(await fetchKeys(server.url), KEYS);
  assert.equal(asked, "GET ?a=b application/jwk-set+json, application/json");
});

Deno.test("fetchKeys() follows no redirect and takes nothing but 200 [S27]", async () => {
  let followed = false;
  await using other = serve(() => {
    followed = true;
    return Response.json(KEYS);
  });
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = serve(() => Response.redirect(other.url, status));
    await assert.rejects(fetchKeys(server.url), new RegExp(`answered ${status}, expected 200`));
  }
  for (const status of [201, 404, 500]) {
    await using server = serve(() => Response.json(KEYS, { status }));
    await assert.rejects(fetchKeys(server.url), new RegExp(`answered ${status}, expected 200`));
  }
  assert.equal(followed, false);
});

Deno.test("fetchKeys() refuses an answer that is too long, or no JSON, unechoed [S27]", async () => {
  const endless = () =>
    new Response(
      new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill(32)) }),
    );
  await using long = serve(endless);
  await assert.rejects(fetchKeys(long.url), /longer than 262144 bytes/);
  await using text = serve(() => new Response("hunter2"));
  await assert.rejects(fetchKeys(text.url), (error: Error) => {
    assert.equal(error.message, "the answer is not JSON");
    return true;
  });
});

Deno.test("fetchKeys() gives up on an issuer that keeps it waiting [S27]", async () => {
  const stuck = Promise.withResolvers<Response>();
  await using silent = serve(() => stuck.promise);
  await assert.rejects(fetchKeys(silent.url, 100), { name: "TimeoutError" });
  stuck.resolve(new Response());
  await using trickling = serve(() =>
    new Response(
      new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode("{")) }),
    )
  );
  await assert.rejects(fetchKeys(trickling.url, 100), { name: "TimeoutError" });
});

Deno.test("fetchKeys() says so when nobody answers [S27]", async () => {
  const { url, ...server } = serve(() => Response.json(KEYS));
  await server[Symbol.asyncDispose]();
  await assert.rejects(fetchKeys(url), TypeError);
});
