import type { Client } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

interface CallResult {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

async function lint(client: Client, args: Record<string, unknown>): Promise<CallResult> {
  return await client.callTool({ name: "lint_code", arguments: args }) as CallResult;
}

for (const era of ERAS) {
  Deno.test(`/mcp lints for a ${era.name} client as over HTTP, and says so in words [S22, S18]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { tools } = await connected.client.listTools();
    const tool = tools.find(({ name }) => name === "lint_code");
    assert.deepEqual(Object.keys(tool?.inputSchema.properties ?? {}), ["code", "language"]);
    assert.deepEqual(tool?.annotations, {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    });
    const { linting } = served.surface.application;
    const place = { line: 1, column: 8, endLine: 1, endColumn: 10 };
    linting.reports.set("import os\n", () => ({
      findings: [{ rule: "F401", severity: "warning", message: "unused <b>", ...place }],
      truncated: true,
    }));
    const found = await lint(connected.client, { code: "import os\n" });
    assert.equal(found.isError ?? false, false, JSON.stringify(found));
    const [output, summary] = found.content.map(({ text }) => text);
    assert.equal(output, "1:8 F401 unused <b>\n");
    assert.match(summary ?? "", /^1 finding \(by ruff\); 0 functions.* There was more\.$/);
    assert.deepEqual(found.structuredContent?.linter_output, output);
    const again = await lint(connected.client, { code: "import os\n" });
    assert.equal(again.structuredContent?.cached, true);
    assert.equal(again.structuredContent?.id, found.structuredContent?.id);
  });

  Deno.test(`/mcp gives a ${era.name} client a text's fault as the tool's result [S22, S35]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    served.surface.application.linting.reports.set("bomb", () => {
      throw new DomainError({ code: "code_too_complex", limit: "memory", most: 512 });
    });
    for (
      const [args, code] of [
        [{ code: "bomb" }, "code_too_complex"],
        [{ code: "x", language: "ruby" }, "validation_failed"],
        [{}, "validation_failed"],
      ] as const
    ) {
      const refused = await lint(connected.client, args);
      assert.deepEqual([refused.isError, refused.structuredContent?.code], [true, code]);
    }
  });
}
