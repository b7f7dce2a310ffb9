import type { LoggingLevel, McpServer, ServerContext } from "@modelcontextprotocol/server";
import type { Application } from "../../application/application.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { Telemetry } from "../../domain/ports/telemetry.ts";
import type { Tracer } from "../../domain/ports/tracer.ts";
import type { McpCall } from "../wire/mcp_call.ts";

/** What a server's tools, prompts and resources reach. The server outlives its requests: who asks is asked of each. */
export interface McpReach {
  readonly application: Application;
  readonly log: Log;
  readonly clock: Pick<Clock, "monotonic">;
  /** Left out: nothing is measured. */
  readonly telemetry?: Telemetry | undefined;
  readonly callOf: CallOf;
  /** Left out: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** The least level of log messages that the caller of a handler wants; `null` where he said none. */
  readonly levelOf: (context: ServerContext) => LoggingLevel | null;
}

/**
 * Whose request it is that a handler was called for, and what takes its long texts. The signal of its
 * context fires when the caller cancels, or leaves for good; also after the answer: ignore it then.
 */
export type CallOf = (context: ServerContext) => McpCall<RequestContext>;

/** Adds tools, prompts or resources to a server that was just made. Schemas are made before, once. */
export type Registrar = (server: McpServer, reach: McpReach) => void;

/** A call that the SDK may cancel too. */
export function cancellableBy(
  signal: AbortSignal,
  call: McpCall<RequestContext>,
): McpCall<RequestContext> {
  const { context } = call;
  return { ...call, context: { ...context, signal: AbortSignal.any([context.signal, signal]) } };
}
