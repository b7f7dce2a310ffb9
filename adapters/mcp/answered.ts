import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { problemResult } from "./problem_result.ts";
import type { McpReach } from "./registrar.ts";
import { tracedCall } from "./traced_call.ts";

/** Carries out one call of a tool for whoever has asked; a fault becomes the tool's own result. */
export async function answered(
  reach: McpReach,
  context: ServerContext,
  answer: (call: McpCall<RequestContext>) => Promise<CallToolResult>,
): Promise<CallToolResult> {
  const call = reach.callOf(context);
  try {
    return await tracedCall({ call, context, tracer: reach.tracer }, answer);
  } catch (error) {
    const { correlationId } = call.context;
    return problemResult(error, { log: reach.log, correlationId });
  }
}
