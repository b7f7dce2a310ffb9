import type { CallToolResult } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { faultOf, internalErrorFields, type Problem, problemOf } from "../wire/problem.ts";

/** The problem that an error is to whoever called; the log, and the request's own line, are told of it. */
export function toldProblem(
  error: unknown,
  { context: { correlationId }, refused }: Pick<McpCall<RequestContext>, "context" | "refused">,
  log: Log,
): Problem {
  const fault = faultOf(error);
  if (fault.code === "internal") {
    log.write("error", "internal_error", internalErrorFields(error, correlationId));
  }
  refused?.(fault.code);
  return problemOf(fault, { correlationId, instance: "/mcp" });
}

/**
 * A refusal or failure as a tool result: the same problem document as over HTTP, readable first, then
 * as JSON, and as data in `structuredContent`.
 */
export function problemResult(problem: Problem): CallToolResult {
  return {
    isError: true,
    content: [
      { type: "text", text: problem.detail },
      { type: "text", text: JSON.stringify(problem) },
    ],
    structuredContent: { ...problem },
  };
}
