import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import { MCP_TOOLS, type RequestOutcome } from "../../domain/ports/telemetry.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { outcomeOf } from "../wire/problem.ts";
import { problemResult, toldProblem } from "./problem_result.ts";
import type { McpReach } from "./registrar.ts";
import { toolOf, tracedCall } from "./traced_call.ts";

/** Carries out one call of a tool for whoever has asked, and measures it; a fault becomes the tool's own result. */
export async function answered(
  reach: McpReach,
  context: ServerContext,
  answer: (call: McpCall<RequestContext>) => Promise<CallToolResult>,
): Promise<CallToolResult> {
  const call = reach.callOf(context);
  const begun = reach.clock.monotonic();
  let outcome: RequestOutcome = "ok";
  try {
    return await tracedCall({ call, context, tracer: reach.tracer }, answer);
  } catch (error) {
    const problem = toldProblem(error, call, reach.log);
    outcome = outcomeOf(problem.status, call.calledOff?.signal);
    return problemResult(problem);
  } finally {
    const durationSeconds = (reach.clock.monotonic() - begun) / 1000;
    const name = toolOf(call.body);
    const tool = MCP_TOOLS.find((known) => known === name);
    const finished = { kind: "tool_call_finished", outcome, durationSeconds } as const;
    if (tool !== undefined) reach.telemetry?.record({ ...finished, tool });
  }
}
