import type { CallToolResult } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import { validationFailed } from "../wire/faults.ts";
import {
  type LintCodeRequest,
  lintCodeSchema,
  lintResultSchema,
  type WireLintResult,
  wireLintResult,
} from "../wire/lint.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { answered } from "./answered.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import { uncheckedBySdk } from "./shown_schema.ts";

/** Makes what registers `lint_code`, with the schema that HTTP checks with. */
export function lintCodeTool(): Registrar {
  const inputSchema = uncheckedBySdk(lintCodeSchema);
  return (server, reach) => {
    server.registerTool("lint_code", {
      title: "Lint code",
      description:
        "Says what is wrong with a Python, JavaScript, TypeScript or bash text, to the line, and " +
        "which functions, classes and imports it has and how complex they are. Nothing is run.",
      inputSchema,
      outputSchema: lintResultSchema,
      annotations: {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    }, (args, context) =>
      answered(reach, context, async (call) => {
        const checked = lintCodeSchema.safeParse(args ?? {});
        if (!checked.success) throw validationFailed(checked.error, args);
        return await lintCode(checked.data, reach, call);
      }));
  };
}

async function lintCode(
  request: LintCodeRequest,
  { application }: McpReach,
  { context, texts }: McpCall<RequestContext>,
): Promise<CallToolResult> {
  const result = wireLintResult(await application.lintCode(request, context));
  const output = texts.hold(result.linter_output);
  const content = [output, summary(result)].filter((text) => text !== "");
  return {
    content: content.map((text) => ({ type: "text", text })),
    structuredContent: { ...result, linter_output: output },
  };
}

function summary({ findings, functions, classes, imports, ...result }: WireLintResult): string {
  const { complexity, linter, remedy, truncated } = result;
  const by = linter === "none" ? "nothing but the syntax was looked at" : `by ${linter}`;
  return [
    `${findings.length} ${findings.length === 1 ? "finding" : "findings"} (${by}); ` +
    `${functions.length} functions, ${classes.length} classes, ${imports.length} imports, ` +
    `complexity ${complexity}.`,
    ...(truncated ? ["There was more."] : []),
    ...(remedy === null ? [] : [`${remedy}.`]),
  ].join(" ");
}
