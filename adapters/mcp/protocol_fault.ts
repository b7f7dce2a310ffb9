import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import type { McpCall } from "../wire/mcp_call.ts";
import { toldProblem } from "./problem_result.ts";
import type { McpReach } from "./registrar.ts";

/**
 * Answers a request that is no call of a tool, where the protocol has nothing but errors for faults: the
 * same problem as over HTTP is the error's `data`. What a caller can mend is "invalid params", all else
 * "internal error". Of a resource that is not there the protocol wants its `uri` and nothing else.
 *
 * @throws {ProtocolError}
 */
export async function protocolAnswer<Answer>(
  { log, callOf }: Pick<McpReach, "log" | "callOf">,
  context: ServerContext,
  answer: (call: McpCall<RequestContext>) => Promise<Answer>,
  uri?: string,
): Promise<Answer> {
  const call = callOf(context);
  try {
    return await answer(call);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    const problem = toldProblem(error, call, log);
    if (uri !== undefined && problem.code === "not_found") {
      throw new ResourceNotFoundError(uri, problem.detail);
    }
    const { InvalidParams, InternalError } = ProtocolErrorCode;
    const code = problem.status < 500 ? InvalidParams : InternalError;
    throw new ProtocolError(code, problem.detail, problem);
  }
}
