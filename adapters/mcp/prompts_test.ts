import type { Client } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import { PROMPTS } from "../../domain/prompts/catalogue.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";
import { refusalOf } from "../../tests/fixtures/protocol_refusal.ts";

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

async function complete(client: Client, prompt: string, name: string, value: string) {
  const { completion } = await client.complete({
    ref: { type: "ref/prompt", name: prompt },
    argument: { name, value },
  });
  return completion.values;
}

/** Writes nodes, so many of each label. */
async function label(served: ServedSurface, counts: Readonly<Record<string, number>>) {
  const nodes = Object.entries(counts).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, at) => ({
      key: `${label}-${at}`,
      labels: [label],
      properties: {},
    }))
  );
  await served.surface.application.upsertGraph({ nodes, relationships: [] }, {
    principal: { subject: "ada", roles: ["admin"] },
    correlationId: "mcp-test-0",
    signal: new AbortController().signal,
  });
}

for (const era of ERAS) {
  Deno.test(`/mcp gives a ${era.name} client the prompts that HTTP gives [S22]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era, "viewer-token");
    const { client } = connected;
    const { prompts } = await client.listPrompts();
    const headers = { authorization: "Bearer viewer-token" };
    const { json } = await served.surface.send("/api/v1/prompts", { headers });
    const listed = json.prompts as { slug: string; arguments: { description: string }[] }[];
    assert.deepEqual(
      prompts.map(({ name, title, description, arguments: args = [] }) => [
        name,
        title,
        description,
        args.map(({ name, required }) => [name, required]),
      ]),
      PROMPTS.map(({ slug, title, description, arguments: args }) => [
        slug,
        title,
        description,
        args.map(({ name, required }) => [name, required]),
      ]),
    );
    assert.deepEqual(listed.map(({ slug }) => slug), prompts.map(({ name }) => name));
    const asked = { question: "Who wrote ``` <b>?", label: "Person" };
    const { messages, description } = await client.getPrompt({ name: "recall", arguments: asked });
    const path = `/api/v1/prompts/recall?${new URLSearchParams(asked)}`;
    const rendered = await served.surface.send(path, { headers });
    assert.deepEqual(rendered.json.messages, messages);
    assert.equal(rendered.json.description, description);
    const [message] = messages;
    assert.ok(message?.content.type === "text");
    assert.match(message.content.text, /\n````text\nWho wrote ``` <b>\?\n````\n/);
    assert.match(message.content.text, /ultimate-mcp:\/\/graph\/labels\/Person/);
  });

  Deno.test(`/mcp tells a ${era.name} client what is wrong with a prompt's arguments [S22, S35]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { client } = connected;
    const name = "run-and-explain";
    const wrong = { language: "ruby", colour: "red" };
    const refusal = await refusalOf(client.getPrompt({ name, arguments: wrong }));
    assert.equal(refusal.code, INVALID_PARAMS);
    assert.equal(refusal.data.code, "validation_failed");
    assert.equal(refusal.data.correlation_id, "mcp-test-1");
    assert.deepEqual(refusal.data.errors, [
      {
        pointer: "/arguments/language",
        expected: 'one of "python", "javascript", "bash"',
        found: '"ruby"',
      },
      { pointer: "/arguments/code", expected: "a text", found: "nothing" },
      {
        pointer: "/arguments/colour",
        expected: "one of language, code, question",
        found: "another name",
      },
    ]);
    const absent = await refusalOf(client.getPrompt({ name: "no-such-prompt", arguments: {} }));
    assert.equal(absent.code, INVALID_PARAMS);
  });

  Deno.test(`/mcp completes a prompt's arguments for a ${era.name} client [S22]`, async () => {
    await using served = new ServedSurface();
    await label(served, { Place: 1, Person: 3, Machine: 2, Paper: 3 });
    await using connected = await served.connect(era, "viewer-token");
    const { client } = connected;
    const table = [
      ["run-and-explain", "language", "", ["python", "javascript", "bash"]],
      ["run-and-explain", "language", "PY", ["python"]],
      ["review-code", "language", "ty", ["typescript"]],
      ["recall", "label", "", ["Paper", "Person", "Machine", "Place"]],
      ["recall", "label", "p", ["Paper", "Person", "Place"]],
      ["recall", "label", "x", []],
      ["recall", "question", "Who", []],
      ["recall", "no_such_argument", "", []],
    ] as const;
    for (const [prompt, name, value, expected] of table) {
      assert.deepEqual(await complete(client, prompt, name, value), expected, `${prompt} ${name}`);
    }
    const unknown = await refusalOf(complete(client, "no-such-prompt", "language", ""));
    assert.deepEqual([unknown.code, unknown.data.code], [INVALID_PARAMS, "not_found"]);
  });

  Deno.test(`/mcp completes nothing for a ${era.name} client while the graph is away [S22]`, async () => {
    await using served = new ServedSurface();
    const { application } = served.surface;
    const away = (failure: unknown) => {
      application.graphReader = {
        ...application.graphReader,
        metrics: () => Promise.reject(failure),
      };
    };
    await using connected = await served.connect(era);
    const { client } = connected;
    away(new DomainError({ code: "circuit_open", breaker: "graph_read", retryAfterSeconds: 1 }));
    assert.deepEqual(await complete(client, "recall", "label", ""), []);
    away(new Error("hunter2"));
    const broken = await refusalOf(complete(client, "recall", "label", ""));
    assert.deepEqual([broken.code, broken.data.code], [INTERNAL_ERROR, "internal"]);
    assert.doesNotMatch(JSON.stringify(broken), /hunter2/);
    assert.ok(served.surface.lines.some(({ fields }) => fields.message === "hunter2"));
  });

  Deno.test(`/mcp tells a ${era.name} client a hundred completions, and how many there are [S22]`, async () => {
    await using served = new ServedSurface();
    const labels = Array.from({ length: 120 }, (_, at) => [`L${at}`, 1] as const);
    await label(served, Object.fromEntries(labels));
    await using connected = await served.connect(era);
    const { completion } = await connected.client.complete({
      ref: { type: "ref/prompt", name: "recall" },
      argument: { name: "label", value: "l" },
    });
    assert.deepEqual([completion.values.length, completion.total, completion.hasMore], [
      100,
      120,
      true,
    ]);
  });
}
