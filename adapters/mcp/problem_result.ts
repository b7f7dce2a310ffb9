import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Log } from "../../domain/ports/log.ts";
import { faultOf, internalErrorFields, problemOf } from "../wire/problem.ts";

/**
 * A refusal or failure as a tool result: the same problem document as over HTTP, readable first, then
 * as JSON, and as data in `structuredContent`.
 */
export function problemResult(
  error: unknown,
  parts: { readonly log: Log; readonly correlationId: string },
): CallToolResult {
  const { log, correlationId } = parts;
  const fault = faultOf(error);
  if (fault.code === "internal") {
    log.write("error", "internal_error", internalErrorFields(error, correlationId));
  }
  const problem = problemOf(fault, { correlationId, instance: "/mcp" });
  return {
    isError: true,
    content: [
      { type: "text", text: problem.detail },
      { type: "text", text: JSON.stringify(problem) },
    ],
    structuredContent: { ...problem },
  };
}
