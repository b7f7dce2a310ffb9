import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

for (const era of ERAS) {
  Deno.test(`/mcp fills templates in for a ${era.name} client with the HTTP schema [S20, S22]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { client } = connected;
    const { tools } = await client.listTools();
    const shown = tools.find(({ name }) => name === "generate_code")?.inputSchema;
    assert.deepEqual(Object.keys(shown?.properties ?? {}), ["template", "context", "language"]);
    assert.deepEqual([shown?.required, shown?.additionalProperties], [["template"], false]);
    const long = "x".repeat(200_000);
    const arguments_ = { template: long, language: "sql" };
    const result = await client.callTool({ name: "generate_code", arguments: arguments_ });
    const generated = result.structuredContent as Record<string, unknown>;
    assert.deepEqual([generated.language, generated.output], ["sql", long]);
    assert.deepEqual(result.content, [{ type: "text", text: long }]);
  });

  Deno.test(`/mcp gives a ${era.name} client a template's fault as over HTTP [S20, S22]`, async () => {
    await using served = new ServedSurface();
    const fault = { code: "template_invalid", message: "m", line: 3, name: "n" } as const;
    served.surface.application.renderer = { render: () => Promise.reject(new DomainError(fault)) };
    await using connected = await served.connect(era);
    const problemOf = async (args: Record<string, unknown>) => {
      const called = { name: "generate_code", arguments: args };
      const { isError, structuredContent } = await connected.client.callTool(called);
      assert.equal(isError, true);
      return structuredContent as Record<string, unknown>;
    };
    const { code, line, name } = await problemOf({ template: "a" });
    assert.deepEqual([code, line, name], ["template_invalid", 3, "n"]);
    assert.equal((await problemOf({ template: 1 })).code, "validation_failed");
  });
}
