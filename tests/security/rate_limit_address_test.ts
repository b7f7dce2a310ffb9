/** Ways to be counted as somebody else's address (S30). None leads past the limit. */
import assert from "node:assert/strict";
import { addressSpent, LimitedSurface, RULE } from "../fakes/limited_surface.ts";

/** Headers that some services believe. */
const SPOOFS: readonly (readonly [string, (time: number) => string])[] = [
  ["x-forwarded-for", (time) => `203.0.113.${time}`],
  ["x-forwarded-for", (time) => `203.0.113.${time}, 10.0.0.1`],
  ["forwarded", (time) => `for=203.0.113.${time}`],
  ["x-real-ip", (time) => `203.0.113.${time}`],
  ["x-client-ip", (time) => `203.0.113.${time}`],
  ["cf-connecting-ip", (time) => `203.0.113.${time}`],
  ["true-client-ip", (time) => `203.0.113.${time}`],
  ["x-original-forwarded-for", (time) => `203.0.113.${time}`],
];

for (const [name, value] of SPOOFS) {
  Deno.test(`bypass: ${name}: ${value(1)} changes nothing for a peer that is not trusted [S30]`, async () => {
    for (const trusted of [[], ["10.0.0.0/8"]]) {
      await using limited = await addressSpent(trusted);
      const ask = (time: number) =>
        limited.ask("/openapi.json", { headers: { [name]: value(time) } });
      assert.equal(await limited.letIn(20, ask), 0);
    }
  });
}

Deno.test("bypass: behind a trusted proxy, what stands left of its own word changes nothing [S30]", async () => {
  await using limited = new LimitedSurface({ trusted: ["10.0.0.0/8"] });
  const client = "198.51.100.7";
  const forwarding = (time: number): Record<string, string> => {
    const forged = `203.0.113.${time}`;
    const sent: Record<string, string>[] = [
      { "x-forwarded-for": `${forged}, ${client}` },
      { "x-forwarded-for": `${client}, 10.0.0.9` },
      { "x-forwarded-for": `${forged}, ${client}:${1000 + time}, 10.0.0.9` },
      { "forwarded": `for=${forged}, for=${client}` },
      { "x-forwarded-for": client, "x-real-ip": forged },
    ];
    return sent[time % sent.length] ?? {};
  };
  const ask = (time: number) =>
    limited.ask("/openapi.json", { peer: "10.0.0.1", headers: forwarding(time) });
  assert.equal(await limited.letIn(50, ask), RULE.burst);
  const other = { "x-forwarded-for": "198.51.100.8" };
  const answer = await limited.ask("/openapi.json", { peer: "10.0.0.1", headers: other });
  assert.equal(answer.status, 200);
});

Deno.test("bypass: a header that the trusted proxy only passes on counts for the proxy [S30]", async () => {
  await using limited = new LimitedSurface({ trusted: ["10.0.0.1"] });
  const ask = (time: number) =>
    limited.ask("/openapi.json", {
      peer: "10.0.0.1",
      headers: { forwarded: `for=203.0.113.${time}`, "x-forwarded-for": "198.51.100.7" },
    });
  assert.equal(await limited.letIn(50, ask), RULE.burst);
});

Deno.test("bypass: all addresses of a /64 are one client's [S30]", async () => {
  await using limited = await addressSpent([], "2001:db8:0:1::1");
  const ask = (time: number) =>
    limited.ask("/openapi.json", { peer: `2001:db8:0:1:${time.toString(16)}::${time}` });
  assert.equal(await limited.letIn(200, ask), 0);
  assert.equal((await limited.ask("/openapi.json", { peer: "2001:db8:0:2::1" })).status, 200);
});

Deno.test("bypass: an IPv4 address is one in every spelling [S30]", async () => {
  await using limited = await addressSpent();
  for (const peer of ["::ffff:192.0.2.1", "::FFFF:c000:0201", "0:0:0:0:0:ffff:192.0.2.1"]) {
    assert.equal((await limited.ask("/openapi.json", { peer })).status, 429, peer);
  }
});
