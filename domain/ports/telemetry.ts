import type { AuditType } from "../audit/event.ts";
import type { Language } from "../execution/language.ts";
import type { LimitName } from "../execution/limits.ts";
import type { Outcome } from "../execution/outcome.ts";
import type { RetryEvent } from "../resilience/retry.ts";
import type { CacheTier } from "./cache.ts";
import type { LimitBackend } from "./rate_limiter.ts";

/** How a request for a run ended, started or not. */
export type ExecutionEnd = Outcome | "rejected" | "error";

/** What a call asks of the graph. */
export const GRAPH_OPERATIONS = ["read", "write", "migrate"] as const;

/** What a call asks of the graph. */
export type GraphOperation = (typeof GRAPH_OPERATIONS)[number];

/** How a call to the graph ends; `refused`: the caller's fault, `unavailable`: the engine's. */
export const GRAPH_OUTCOMES = [
  "ok",
  "refused",
  "timeout",
  "unavailable",
  "cancelled",
  "error",
] as const;

/** How a call to the graph ends. */
export type GraphOutcome = (typeof GRAPH_OUTCOMES)[number];

const HTTP_METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "TRACE",
] as const;

/** What is found of who asks: of their token, and `forbidden` of what they may do. */
export const AUTH_RESULTS = [
  "ok",
  "missing",
  "invalid",
  "expired",
  "revoked",
  "forbidden",
] as const;

/** One of {@link AUTH_RESULTS}. */
export type AuthResult = (typeof AUTH_RESULTS)[number];

/** A request's method as measurements and log lines tell it. */
export type HttpMethod = (typeof HTTP_METHODS)[number] | "OTHER";

/** The method as it is told: a caller may invent any, and each would be a series of its own. */
export function httpMethodOf(method: string): HttpMethod {
  return HTTP_METHODS.find((known) => known === method) ?? "OTHER";
}

/**
 * How a request ends, or a tool's call. `refused`: its caller has to change something; `failed`: the service
 * has; `left`: nobody waited for all of its answer.
 */
export const REQUEST_OUTCOMES = ["ok", "refused", "failed", "left"] as const;

/** One of {@link REQUEST_OUTCOMES}. */
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Who asks: those whom the service is for, or what watches it. */
export const REQUEST_SOURCES = ["callers", "probes"] as const;

/** One of {@link REQUEST_SOURCES}. */
export type RequestSource = (typeof REQUEST_SOURCES)[number];

/** The tools that are offered over MCP. */
export const MCP_TOOLS = [
  "execute_code",
  "generate_code",
  "graph_query",
  "graph_upsert",
  "lint_code",
  "run_tests",
] as const;

/** One of {@link MCP_TOOLS}. */
export type McpTool = (typeof MCP_TOOLS)[number];

/** Something worth measuring, as data. Labels come from closed sets: no user text, no ids. */
export type Measurement =
  | { readonly kind: "http_request_started" }
  | {
    readonly kind: "http_request_finished";
    readonly method: HttpMethod;
    /** The route's pattern, never the raw path. */
    readonly route: string;
    readonly status: number;
    /** Until the answer's head. */
    readonly durationSeconds: number;
    /** Of the whole answer, streams to their end. */
    readonly outcome: RequestOutcome;
    readonly source: RequestSource;
    /** Whether it is known by a token who asked. */
    readonly authenticated: boolean;
  }
  | {
    readonly kind: "tool_call_finished";
    readonly tool: McpTool;
    readonly outcome: RequestOutcome;
    readonly durationSeconds: number;
  }
  | { readonly kind: "auth_decided"; readonly result: AuthResult }
  | {
    readonly kind: "user_seen";
    /** Whose token was verified: to be counted among others, and neither kept nor told. */
    readonly user: string;
  }
  | {
    readonly kind: "execution_finished";
    readonly language: Language;
    readonly end: ExecutionEnd;
    /** The limit that the run hit, whatever its end; `null` when it hit none or never started. */
    readonly limit: LimitName | null;
    /** Wall time of the program alone, in seconds; `null` when it never started. */
    readonly durationSeconds: number | null;
  }
  | {
    readonly kind: "rate_limit_decided";
    readonly allowed: boolean;
    readonly backend: LimitBackend;
  }
  | {
    readonly kind: "retry";
    readonly operation: RetryEvent["operation"];
    readonly result: RetryEvent["kind"];
  }
  | {
    readonly kind: "cache_operation_timed";
    readonly tier: CacheTier;
    readonly operation: "get" | "set";
    readonly durationSeconds: number;
  }
  | {
    readonly kind: "graph_call_finished";
    readonly operation: GraphOperation;
    readonly outcome: GraphOutcome;
    readonly durationSeconds: number;
  }
  | {
    readonly kind: "graph_connection_acquired";
    /** How long a call waited for a connection to the graph's database. */
    readonly waitSeconds: number;
  }
  | { readonly kind: "execution_admitted"; readonly queueSeconds: number }
  | {
    readonly kind: "audit_event";
    readonly type: AuditType;
    /** Whether the log has taken it. */
    readonly stored: boolean;
  };

/** Takes measurements. Never throws and never waits. */
export interface Telemetry {
  record(measurement: Measurement): void;
}

/** A route of the document, as its measurements name it. */
export interface KnownRoute {
  readonly method: HttpMethod;
  /** Its pattern, such as `/api/v1/executions/{id}`. */
  readonly route: string;
  /** What it answers when all is well. */
  readonly status: number;
}

/** What the process has done since it started. */
export interface Totals {
  readonly requests: number;
  /** Answered with a status of 500 or above, or not to the end. */
  readonly failedRequests: number;
  readonly executions: number;
  /** Without an outcome of the program's own, or at a limit. */
  readonly failedExecutions: number;
}
