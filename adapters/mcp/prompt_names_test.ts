import assert from "node:assert/strict";
import { PROMPTS } from "../../domain/prompts/catalogue.ts";
import type { Prompt } from "../../domain/prompts/prompt.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";
import { takeApart } from "../../tests/fixtures/markdown_fences.ts";
import { graphUpsertSchema } from "../wire/graph_schemas.ts";
import { PROBLEM_CODES } from "../wire/problem_table.ts";
import { sandboxSchema } from "../wire/status.ts";

/** The fields of tools, and their values where these are closed, until the tools themselves list them. */
const AWAITED: Readonly<Record<string, readonly string[]>> = {
  lint_code: [
    ...["code", "language", "python", "javascript", "typescript", "bash", "id", "code_hash"],
    ...["functions", "classes", "imports", "complexity", "findings", "rule", "severity", "message"],
    ...["line", "column", "end_line", "end_column", "linter", "linter_exit_code", "linter_output"],
    "cached",
  ],
  run_tests: [
    ...[
      "code",
      "language",
      "python",
      "javascript",
      "typescript",
      "test_framework",
      "pytest",
      "deno",
      "files",
    ],
    ...["path", "content", "encoding", "timeout_seconds", "id", "framework", "return_code"],
    ...["outcome", "stdout", "stderr", "duration_seconds", "counts", "counts.passed"],
    ...["counts.failed", "counts.errors", "counts.skipped", "cases", "name", "file", "line"],
    ...["message", "isolation"],
  ],
  generate_code: ["template", "context", "language", "id", "output", "template_invalid", "line"],
};

type Schema = Readonly<Record<string, unknown>>;

/** The names of fields in a JSON schema, alone and behind those that they lie in, and its closed values. */
function namesIn(schema: unknown, above = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap((one) => namesIn(one, above));
  const { properties = {}, enum: values = [], ...rest } = schema as Schema;
  const fields = Object.entries(properties as Schema).flatMap(([name, inner]) => {
    const path = above === "" ? name : `${above}.${name}`;
    return [name, path, ...namesIn(inner, path)];
  });
  return [...fields, ...(values as unknown[]).map(String), ...namesIn(Object.values(rest), above)];
}

/** What is written as a name: between backticks, outside of fences. */
function namesOf(text: string): string[] {
  const quoted = takeApart(text).outside.matchAll(/`([^`\n]+)`/g);
  return Array.from(quoted, ([, name = ""]) => name)
    .filter((name) => /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*$/.test(name));
}

/** A template with all of its sections. */
function whole({ text }: Prompt): string {
  return text.replaceAll(/\{\{[#^/][a-z_=]+\}\}\n?/g, "");
}

Deno.test("PROMPTS name tools, fields, values and resources that there are, and no others [S22]", async () => {
  await using served = new ServedSurface();
  await using connected = await served.connect(ERAS[0]);
  const { client } = connected;
  const { tools } = await client.listTools();
  const { resources } = await client.listResources();
  const { resourceTemplates } = await client.listResourceTemplates();
  const offered = [
    ...resources.map(({ uri }) => uri),
    ...resourceTemplates.map(({ uriTemplate }) => uriTemplate),
  ];
  const fields = new Map(Object.entries(AWAITED));
  for (const { name, inputSchema, outputSchema } of tools) {
    fields.set(name, namesIn([inputSchema, outputSchema]));
  }
  const named = new Set<string>();
  for (const prompt of PROMPTS) {
    const names = namesOf(whole(prompt));
    const used = [...fields.keys()].filter((tool) => names.includes(tool));
    for (const tool of used) named.add(tool);
    const known = new Set([...used, ...used.flatMap((tool) => fields.get(tool) ?? [])]);
    for (const code of PROBLEM_CODES) known.add(code);
    if (prompt.text.includes("ultimate-mcp://sandbox")) {
      for (const name of namesIn(sandboxSchema.toJSONSchema())) known.add(name);
    }
    assert.ok(used.length > 0, prompt.slug);
    assert.deepEqual(names.filter((name) => !known.has(name)), [], prompt.slug);
    for (const [uri] of prompt.text.matchAll(/ultimate-mcp:\/\/[a-z/{}]*[a-z}]/g)) {
      const plain = uri.replace("{{label}}", "{label}").replace("{{execution}}", "{id}");
      const isOffered = offered.includes(plain) || offered.includes(`${plain}/{label}`);
      assert.ok(isOffered, `${prompt.slug}: ${uri}`);
    }
  }
  assert.deepEqual([...named].sort(), [
    "execute_code",
    "generate_code",
    "graph_query",
    "graph_upsert",
    "lint_code",
    "run_tests",
  ]);
});

Deno.test("PROMPTS show batches that graph_upsert takes [S22, S9]", () => {
  const batches = PROMPTS.flatMap(({ text }) => takeApart(text).fences)
    .filter(({ info }) => info === "json");
  assert.ok(batches.length > 0);
  for (const { text } of batches) graphUpsertSchema.parse(JSON.parse(text));
});
