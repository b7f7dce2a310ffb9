import { createMcpHandler, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import type { Application } from "../../application/application.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { FileCaps } from "../../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../../domain/execution/limits.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { AnswerMcp, McpCall } from "../wire/mcp_call.ts";
import { executeCodeTool } from "./execute_code_tool.ts";
import { graphTools } from "./graph_tools.ts";
import { lintCodeTool } from "./lint_code_tool.ts";
import type { Registrar } from "./registrar.ts";

/** What the MCP adapter is made of. */
export interface McpParts {
  readonly application: Application;
  readonly log: Log;
  /** The service's version, told to clients. */
  readonly version: string;
  /** The operator's ceilings, shown in the tools' schemas. */
  readonly ceilings: ExecutionLimits;
  /** The operator's bounds of files, shown there too. */
  readonly fileCaps: FileCaps;
}

/** The MCP surface as a function; closing it ends the streams that are open. */
export interface McpEndpoint extends AsyncDisposable {
  readonly fetch: AnswerMcp<RequestContext>;
}

/** Everything that a server offers: another tool, or a set of prompts or resources, is another line. */
function offered({ ceilings, fileCaps }: McpParts): readonly Registrar[] {
  return [
    executeCodeTool(ceilings, fileCaps),
    graphTools(),
    lintCodeTool(),
  ];
}

/**
 * Builds the MCP surface: one factory for the current revision and for 2025-11-25, both stateless.
 *
 * The caller has checked the request's `Host` and `Origin`, authenticated it, bounded its body and parsed it.
 */
export function createMcpEndpoint(
  parts: McpParts,
  registrars: readonly Registrar[] = offered(parts),
): McpEndpoint {
  const calls = new WeakMap<Request, McpCall<RequestContext>>();
  const reach = { ...parts, callOf: (context: ServerContext) => callOf(calls, context) };
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "ultimate-mcp", version: parts.version });
    for (const addTo of registrars) addTo(server, reach);
    return server;
  }, {
    onerror: (error) => parts.log.write("debug", "mcp_refused", { message: error.message }),
  });
  return {
    async fetch(request, call) {
      calls.set(request, call);
      return await handler.fetch(request, { parsedBody: call.body });
    },
    [Symbol.asyncDispose]: () => handler.close(),
  };
}

function callOf(
  calls: WeakMap<Request, McpCall<RequestContext>>,
  { http, mcpReq }: ServerContext,
): McpCall<RequestContext> {
  const call = http?.req === undefined ? undefined : calls.get(http.req);
  if (call === undefined) throw new Error("Cannot serve MCP: the request has no context");
  const signal = AbortSignal.any([call.context.signal, mcpReq.signal]);
  return { ...call, context: { ...call.context, signal } };
}
