import assert from "node:assert/strict";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";

interface CallResult {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

for (const era of ERAS) {
  Deno.test(`/mcp runs tests for a ${era.name} client, and tells of each as it ends [S22, S19]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { client } = connected;
    const { tools } = await client.listTools();
    const tool = tools.find(({ name }) => name === "run_tests") ?? assert.fail();
    const fields = ["code", "language", "test_framework", "timeout_seconds", "files"];
    assert.deepEqual(Object.keys(tool.inputSchema.properties ?? {}), fields);
    const progress: string[] = [];
    const onprogress = ({ message = "" }) => void progress.push(message);
    const asked = { name: "run_tests", arguments: { code: "a\nfailed b" } };
    const answer = await client.callTool(asked, { onprogress }) as CallResult;
    assert.deepEqual(progress, ["passed a", "failed failed b"]);
    const result = answer.structuredContent as { outcome: string; counts: object; id: string };
    assert.equal(answer.isError ?? false, false);
    assert.equal(result.outcome, "failed");
    const counts = { passed: 1, failed: 1, errors: 0, skipped: 0, not_run: 0 };
    assert.deepEqual(result.counts, counts);
    assert.match(answer.content[0]?.text ?? "", /^Ended 'failed' [^]*1 passed, 1 failed, 0 errors/);
    assert.equal(answer.content[1]?.text, "failed test_main.py:1 failed b");
    const { application } = served.surface;
    assert.equal((await application.testRecords.find(result.id))?.owner, "dan");
    const wrong = { name: "run_tests", arguments: { code: "a", test_framework: "deno" } };
    const { isError, structuredContent } = await client.callTool(wrong) as CallResult;
    assert.deepEqual([isError, structuredContent?.code], [true, "validation_failed"]);
  });
}
