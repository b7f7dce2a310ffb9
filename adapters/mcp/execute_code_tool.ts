import type { CallToolResult } from "@modelcontextprotocol/server";
import type { ExecutionWatcher } from "../../application/execution_watcher.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { FileCaps } from "../../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../../domain/execution/limits.ts";
import { executeCodeCommand, wireExecution } from "../wire/execution.ts";
import { validationFailed } from "../wire/faults.ts";
import type { LongTexts } from "../wire/long_texts.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import {
  type ExecuteCodeRequest,
  executeCodeSchema,
  executionSchema,
  type WireExecution,
} from "../wire/schemas.ts";
import { answered } from "./answered.ts";
import { filesText, images } from "./file_content.ts";
import { progressWatcher } from "./progress_watcher.ts";
import type { McpReach, Registrar } from "./registrar.ts";
import { uncheckedBySdk } from "./shown_schema.ts";

/** Makes what registers `execute_code`, with the schemas that HTTP checks with. */
export function executeCodeTool(ceilings: ExecutionLimits, caps: FileCaps): Registrar {
  const schema = executeCodeSchema(ceilings, caps);
  const inputSchema = uncheckedBySdk(schema);
  return (server, reach) => {
    server.registerTool("execute_code", {
      title: "Execute code",
      description: "Runs a Python, JavaScript or bash program in a sandbox without network and " +
        "answers how it ended, what it wrote and what it used. `files` are put into its working " +
        "directory, `outputs` names what to bring back from there. Nothing is kept between runs.",
      inputSchema,
      outputSchema: executionSchema,
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
        const watcher = progressWatcher(context.mcpReq, call.texts);
        return await executeCode(checked.data, { ...call, ...reach, watcher });
      }));
  };
}

interface Run extends McpReach, McpCall<RequestContext> {
  readonly watcher: ExecutionWatcher | undefined;
}

async function executeCode(
  request: ExecuteCodeRequest,
  { application, context, texts, watcher }: Run,
): Promise<CallToolResult> {
  const command = await executeCodeCommand(request);
  const record = await application.executeCode(command, context, watcher);
  const execution = withHeld(await wireExecution(record), texts);
  const content = [...readable(execution), ...images(record.files, execution)];
  return { content, structuredContent: { ...execution } };
}

/** Keeps what is long out of the SDK's hands. */
function withHeld(execution: WireExecution, texts: LongTexts): WireExecution {
  const [stdout, stderr] = [texts.hold(execution.stdout), texts.hold(execution.stderr)];
  const files = execution.files.map((file) => ({ ...file, content: texts.hold(file.content) }));
  return { ...execution, stdout, stderr, files };
}

/** For people and models: what the program wrote, then how it ended. */
function readable(execution: WireExecution): { type: "text"; text: string }[] {
  const texts = [
    written("stdout", execution.stdout, execution.stdout_truncated),
    written("stderr", execution.stderr, execution.stderr_truncated),
    filesText(execution),
    summary(execution),
  ];
  return texts.filter((text) => text !== "").map((text) => ({ type: "text", text }));
}

function written(name: string, text: string, truncated: boolean): string {
  const shown = name === "stdout" || text === "" ? text : `${name}:\n${text}`;
  return truncated ? `${shown}\n[${name} was truncated]` : shown;
}

function summary(execution: WireExecution): string {
  const { outcome, return_code: code, limit, duration_seconds: seconds } = execution;
  const cause = limit === null ? "" : ` at the limit '${limit}'`;
  return `Ended '${outcome}'${cause} with return code ${code} after ${seconds.toFixed(3)} s.`;
}
