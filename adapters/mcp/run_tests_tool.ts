import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import { TEST_SECONDS, type TestWatcher } from "../../application/run_tests.ts";
import type { FileCaps } from "../../domain/execution/file_paths.ts";
import { validationFailed } from "../wire/faults.ts";
import type { LongTexts } from "../wire/long_texts.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import {
  runTestsCommand,
  type RunTestsRequest,
  runTestsSchema,
  testResultSchema,
  type WireTestResult,
  wireTestResult,
} from "../wire/run_tests.ts";
import { answered } from "./answered.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import { checkedBySdk, uncheckedBySdk } from "./shown_schema.ts";

/** The most cases that the readable text tells of; structured content has all. */
const SHOWN_CASES = 100;

/** The first ends of cases that are told of as progress; then it is one in as many. */
const MOST_TOLD = 200;

/** Makes what registers `run_tests`, with the schemas that HTTP checks with. */
export function runTestsTool(caps: FileCaps): Registrar {
  const schema = runTestsSchema(caps, TEST_SECONDS);
  const inputSchema = uncheckedBySdk(schema);
  const outputSchema = checkedBySdk(testResultSchema);
  return (server, reach) => {
    server.registerTool("run_tests", {
      title: "Run tests",
      description:
        "Runs tests in a sandbox without network, Python's by pytest and those in JavaScript or " +
        "TypeScript by `Deno.test`, and answers what came of each, also of one that hangs or " +
        "crashes. `files` are put beside the tests: the code under test, `conftest.py`, data.",
      inputSchema,
      outputSchema,
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: false,
      },
    }, (args, context) =>
      answered(reach, context, async (call) => {
        const checked = schema.safeParse(args);
        if (!checked.success) throw validationFailed(checked.error, args);
        const watcher = casesWatcher(context.mcpReq);
        return await runTests(checked.data, { ...call, ...reach, watcher });
      }));
  };
}

interface Run extends McpReach, McpCall<RequestContext> {
  readonly watcher: TestWatcher | undefined;
}

/** Tells a client that asked for progress of each case as it ends; of very many, now and then. */
function casesWatcher(call: ServerContext["mcpReq"]): TestWatcher | undefined {
  const progressToken = call._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return {
    tested(name, outcome) {
      progress += 1;
      if (progress > MOST_TOLD && progress % MOST_TOLD !== 0) return;
      const params = { progressToken, progress, message: `${outcome} ${name}` };
      // Where the client has gone, the run is about to be ended.
      call.notify({ method: "notifications/progress", params }).catch(() => {});
    },
  };
}

async function runTests(
  request: RunTestsRequest,
  { application, context, texts, watcher }: Run,
): Promise<CallToolResult> {
  const record = await application.runTests(await runTestsCommand(request), context, watcher);
  const result = withHeld(wireTestResult(record), texts);
  return { content: readable(result), structuredContent: { ...result } };
}

/** Keeps what is long out of the SDK's hands. */
function withHeld(result: WireTestResult, texts: LongTexts): WireTestResult {
  const cases = result.cases.map(({ message, ...one }) => ({
    ...one,
    message: message === null ? null : texts.hold(message),
  }));
  return { ...result, cases, stdout: texts.hold(result.stdout), stderr: texts.hold(result.stderr) };
}

/** For people and models: how it went, then each case that did not pass, then what was written. */
function readable(result: WireTestResult): { type: "text"; text: string }[] {
  const others = result.cases.filter(({ outcome }) => outcome !== "passed");
  const texts = [
    summary(result),
    ...others.slice(0, SHOWN_CASES).flatMap(caseTexts),
    others.length > SHOWN_CASES ? `And ${others.length - SHOWN_CASES} more.` : "",
    result.stderr,
  ];
  return texts.filter((text) => text !== "").map((text) => ({ type: "text", text }));
}

function summary(
  { outcome, message, counts, duration_seconds: seconds }: WireTestResult,
): string {
  const { passed, failed, errors, skipped, not_run: notRun } = counts;
  const reason = message === null ? "" : `: ${message}`;
  return `Ended '${outcome}' after ${seconds.toFixed(3)} s${reason}\n` +
    `${passed} passed, ${failed} failed, ${errors} errors, ${skipped} skipped, ${notRun} not run.`;
}

/** A held message is a text of its own, which nothing may be joined to. */
function caseTexts({ name, file, line, outcome, message }: WireTestResult["cases"][number]) {
  const place = [file, line].filter((part) => part !== null).join(":");
  return [`${outcome} ${place} ${name}`, message ?? ""];
}
