import { isLegacyRequest, McpServer, type ServerOptions } from "@modelcontextprotocol/server";
import type { Application } from "../../application/application.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { FileCaps } from "../../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../../domain/execution/limits.ts";
import type { Watchers } from "../../application/watchers.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Telemetry } from "../../domain/ports/telemetry.ts";
import type { Tracer } from "../../domain/ports/tracer.ts";
import type { AnswerMcp } from "../wire/mcp_call.ts";
import { completions } from "./completions.ts";
import { executeCodeTool } from "./execute_code_tool.ts";
import { generateCodeTool } from "./generate_code_tool.ts";
import { graphTools } from "./graph_tools.ts";
import { lintCodeTool } from "./lint_code_tool.ts";
import { loggingLevels } from "./logging_level.ts";
import { OpenStreams } from "./open_streams.ts";
import { prompts } from "./prompts.ts";
import { refusalOf } from "./refusal.ts";
import type { CallOf, Registrar } from "./registrar.ts";
import { resources } from "./resources.ts";
import { runTestsTool } from "./run_tests_tool.ts";
import { SessionlessRequests } from "./sessionless.ts";
import { SESSION_BOUNDS, type SessionBounds, Sessions } from "./sessions.ts";

/** What the MCP adapter is made of. */
export interface McpParts {
  readonly application: Application;
  readonly log: Log;
  /** Left out: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** Left out: nothing is measured. */
  readonly telemetry?: Telemetry | undefined;
  readonly clock: Pick<Clock, "monotonic">;
  /** How many streams one user may have open, and until when. */
  readonly watchers: Pick<Watchers, "enter">;
  /** The service's version, told to clients. */
  readonly version: string;
  /** The operator's ceilings, shown in the tools' schemas. */
  readonly ceilings: ExecutionLimits;
  /** The operator's bounds of files, shown there too. */
  readonly fileCaps: FileCaps;
}

/** The MCP surface as a function; closing it ends sessions and streams. */
export interface McpEndpoint extends AsyncDisposable {
  readonly fetch: AnswerMcp<RequestContext>;
  /** Ends the streams that answer no request, and begins no more; what is in hand goes on. */
  endStreams(): void;
}

/** What a server has that is not the shipped one. */
export interface McpOptions {
  readonly registrars?: readonly Registrar[];
  readonly server?: ServerOptions;
  readonly bounds?: Partial<SessionBounds>;
}

/** What a client may do with what is offered. None of it changes while the service runs. */
const SERVER: ServerOptions = {
  capabilities: {
    logging: {},
    tools: { listChanged: false },
    prompts: { listChanged: false },
    resources: { listChanged: false },
  },
};

/** Everything that a server offers: another tool, or a set of prompts or resources, is another line. */
function offered({ ceilings, fileCaps }: McpParts): readonly Registrar[] {
  return [
    executeCodeTool(ceilings, fileCaps),
    graphTools(),
    lintCodeTool(),
    runTestsTool(fileCaps),
    generateCodeTool(),
    prompts(),
    resources(),
    completions(),
  ];
}

/**
 * Builds the MCP surface: 2026-07-28 without sessions, each request by itself; 2025-11-25 and earlier in
 * sessions.
 *
 * The caller has checked the request's `Host` and `Origin`, authenticated it, bounded its body and parsed it.
 */
export function createMcpEndpoint(parts: McpParts, options: McpOptions = {}): McpEndpoint {
  const { registrars = offered(parts), server = SERVER } = options;
  const makeServer = serverMaker(parts, registrars, server);
  const { log } = parts;
  const refused = (error: Error) =>
    log.write("debug", "mcp_refused", { message: refusalOf(error) });
  const streams = new OpenStreams(parts.watchers);
  const monotonic = () => parts.clock.monotonic();
  const bounds = { ...SESSION_BOUNDS, ...options.bounds };
  const sessions = new Sessions({ makeServer, streams, monotonic, bounds, refused, log });
  const modern = new SessionlessRequests({ makeServer, streams, refused });
  return {
    async fetch(request, call) {
      const isLegacy = await isLegacyRequest(request, call.body);
      return await (isLegacy ? sessions : modern).fetch(request, call);
    },
    endStreams: () => streams.end(),
    async [Symbol.asyncDispose]() {
      streams.end();
      await sessions[Symbol.asyncDispose]();
      await modern[Symbol.asyncDispose]();
    },
  };
}

function serverMaker(
  parts: McpParts,
  registrars: readonly Registrar[],
  options: ServerOptions,
): (callOf: CallOf) => McpServer {
  return (callOf) => {
    const server = new McpServer({ name: "ultimate-mcp", version: parts.version }, options);
    const reach = { ...parts, callOf, levelOf: loggingLevels(server) };
    for (const addTo of registrars) addTo(server, reach);
    return server;
  };
}
