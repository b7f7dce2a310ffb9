import { ProtocolError } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { z } from "zod";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

/** Arguments that a tool's caller got wrong, and the code of the problem that says so. */
const WRONG = [
  ["execute_code", {}, "validation_failed"],
  ["execute_code", { code: 1 }, "validation_failed"],
  ["execute_code", { code: "x", surprise: true }, "validation_failed"],
  ["graph_query", { cypher: "CREATE (n)" }, "query_not_read_only"],
  ["graph_upsert", { nodes: [{ key: "" }] }, "validation_failed"],
] as const;

for (const era of ERAS) {
  Deno.test(`/mcp tells a ${era.name} client its own faults as results, the protocol's as errors [S22, S35]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { client } = connected;
    for (const [name, args, code] of WRONG) {
      const { isError, structuredContent } = await client.callTool({ name, arguments: args });
      const problem = structuredContent as { readonly code: string; readonly instance: string };
      assert.deepEqual([isError, problem.code, problem.instance], [true, code, "/mcp"], name);
    }
    // Where the protocol wants an HTTP status of its own, the client tells of that, with the answer.
    const isFault = (code: number) => (error: unknown) =>
      error instanceof ProtocolError
        ? error.code === code
        : String(error).includes(`"error":{"code":${code}`);
    await assert.rejects(client.callTool({ name: "no_such_tool" }), isFault(-32602));
    const unknown = client.request({ method: "no/such" }, z.object({}));
    await assert.rejects(unknown, isFault(-32601));
  });
}
