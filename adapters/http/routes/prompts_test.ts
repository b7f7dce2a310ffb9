import assert from "node:assert/strict";
import { PROMPTS } from "../../../domain/prompts/catalogue.ts";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";

const PATH = "/api/v1/prompts";

async function get(surface: HttpSurface, path: string, token = "viewer-token"): Promise<Answer> {
  return await surface.send(path, { headers: { authorization: `Bearer ${token}` } });
}

/** What a prompt says, when it is asked for with these parameters. */
async function textOf(surface: HttpSurface, path: string): Promise<string> {
  const { status, json } = await get(surface, path);
  assert.equal(status, 200, path);
  const [message] = json.messages as { role: string; content: { type: string; text: string } }[];
  assert.deepEqual([message?.role, message?.content.type], ["user", "text"]);
  return message?.content.text ?? "";
}

Deno.test("GET /api/v1/prompts lists every prompt with its arguments [S22]", async () => {
  await using surface = new HttpSurface();
  const { status, json } = await get(surface, PATH);
  assert.equal(status, 200);
  const prompts = json.prompts as { slug: string; arguments: unknown }[];
  assert.deepEqual(prompts.map(({ slug }) => slug), PROMPTS.map(({ slug }) => slug));
  assert.deepEqual(prompts[0], {
    slug: "run-and-explain",
    title: "Run and explain a program",
    description: "Runs a program in the sandbox and explains what it did, from what was seen.",
    arguments: [
      {
        name: "language",
        description: "The program's language.",
        required: true,
        values: ["python", "javascript", "bash"],
      },
      { name: "code", description: "The program.", required: true, max_length: 100_000 },
      {
        name: "question",
        description: "What is to be found out beside.",
        required: false,
        max_length: 4000,
      },
    ],
  });
});

Deno.test("GET /api/v1/prompts/{slug} says what the prompt says, with places for what is not given [S22]", async () => {
  await using surface = new HttpSurface();
  for (const { slug, title, arguments: args } of PROMPTS) {
    const { json } = await get(surface, `${PATH}/${slug}`);
    assert.deepEqual([json.slug, json.title], [slug, title]);
    const text = await textOf(surface, `${PATH}/${slug}`);
    const [required] = args.filter(({ required, form }) => required && form.kind === "text");
    if (required !== undefined) assert.ok(text.includes(`{{${required.name}}}`), slug);
  }
  const given = new URLSearchParams({ language: "bash", code: "echo '```'\necho {{question}}" });
  const text = await textOf(surface, `${PATH}/run-and-explain?${given}`);
  assert.match(text, /\n````text\necho '```'\necho \{\{question\}\}\n````\n/);
  assert.match(text, /`language` `bash`/);
});

Deno.test("GET /api/v1/prompts/{slug} refuses what is no prompt, and arguments that it does not take [S22, S35]", async () => {
  await using surface = new HttpSurface();
  for (const slug of ["no-such-prompt", "__proto__", "constructor", "x".repeat(300)]) {
    const { status, json } = await get(surface, `${PATH}/${slug}`);
    assert.deepEqual([status, json.code], [404, "not_found"], slug);
  }
  const wrong = `${PATH}/recall?label=a%60b&colour=red`;
  const { status, json } = await get(surface, wrong);
  assert.deepEqual([status, json.code], [422, "validation_failed"]);
  const faults = json.errors as { pointer: string; expected: string }[];
  assert.deepEqual(faults.map(({ pointer }) => pointer), ["/arguments/label", "/arguments/colour"]);
});
