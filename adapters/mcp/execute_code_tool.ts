import type {
  CallToolResult,
  McpServer,
  ServerContext,
  StandardSchemaWithJSON,
} from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { Application } from "../../application/application.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { FileCaps } from "../../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../../domain/execution/limits.ts";
import type { Log } from "../../domain/ports/log.ts";
import { executeCodeCommand, wireExecution } from "../wire/execution.ts";
import { validationFailed } from "../wire/faults.ts";
import type { LongTexts } from "../wire/long_texts.ts";
import {
  type ExecuteCodeRequest,
  executeCodeSchema,
  executionSchema,
  type WireExecution,
} from "../wire/schemas.ts";
import { filesText, images } from "./file_content.ts";
import { progressWatcher } from "./progress_watcher.ts";
import { problemResult } from "./problem_result.ts";
import { uncheckedBySdk } from "./shown_schema.ts";

/** The tool's schemas, made once. */
export interface ExecuteCodeToolSchemas {
  /** The schema that checks, the same as the HTTP route's. */
  readonly request: z.ZodType<ExecuteCodeRequest>;
  /** What clients are shown of it. */
  readonly shown: StandardSchemaWithJSON;
}

/** What the tool works with, for one request. */
export interface ExecuteCodeToolParts {
  readonly application: Application;
  readonly log: Log;
  readonly schemas: ExecuteCodeToolSchemas;
  readonly context: RequestContext;
  /** Takes long outputs, so that the SDK makes no JSON of them. */
  readonly texts: LongTexts;
}

/** Makes the tool's schemas. */
export function executeCodeToolSchemas(
  ceilings: ExecutionLimits,
  caps: FileCaps,
): ExecuteCodeToolSchemas {
  const request = executeCodeSchema(ceilings, caps);
  return { request, shown: uncheckedBySdk(request) };
}

/** Registers `execute_code` for the caller of one request. */
export function addExecuteCodeTool(server: McpServer, parts: ExecuteCodeToolParts): void {
  server.registerTool("execute_code", {
    title: "Execute code",
    description: "Runs a Python, JavaScript or bash program in a sandbox without network and " +
      "answers how it ended, what it wrote and what it used. `files` are put into its working " +
      "directory, `outputs` names what to bring back from there. Nothing is kept between runs.",
    inputSchema: parts.schemas.shown,
    outputSchema: executionSchema,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
  }, (args, { mcpReq }) => executeCode(args, mcpReq, parts));
}

async function executeCode(
  args: unknown,
  call: ServerContext["mcpReq"],
  parts: ExecuteCodeToolParts,
): Promise<CallToolResult> {
  const { application, log, texts } = parts;
  const signal = AbortSignal.any([parts.context.signal, call.signal]);
  const context = { ...parts.context, signal };
  try {
    const checked = parts.schemas.request.safeParse(args);
    if (!checked.success) throw validationFailed(checked.error, args);
    const command = await executeCodeCommand(checked.data);
    const watcher = progressWatcher(call, texts);
    const record = await application.executeCode(command, context, watcher);
    const execution = withHeld(await wireExecution(record), texts);
    const content = [...readable(execution), ...images(record.files, execution)];
    return { content, structuredContent: { ...execution } };
  } catch (error) {
    return problemResult(error, { log, correlationId: context.correlationId });
  }
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
