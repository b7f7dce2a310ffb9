import { z } from "@hono/zod-openapi";
import { describe, DomainError, type Failure } from "../../domain/errors.ts";
import type { LogField } from "../../domain/ports/log.ts";
import type { RequestOutcome } from "../../domain/ports/telemetry.ts";
import { policyFindingSchema, wireFindings } from "./policy_findings.ts";
import { PROBLEM_CODES, PROBLEMS, type TransportFault } from "./problem_table.ts";

/** Thrown between the socket and a use case; never crosses into the application. */
export class TransportError extends Error {
  readonly fault: TransportFault;

  constructor(fault: TransportFault, options?: ErrorOptions) {
    super(detailOf(fault), options);
    this.name = "TransportError";
    this.fault = fault;
  }
}

const upsertCountSchema = z.object({ created: z.int(), updated: z.int() });

const faultSchema = z.object({
  pointer: z.string().meta({ description: "JSON pointer into the body or the parameters." }),
  expected: z.string(),
  found: z.string(),
});

/** A refusal or failure (RFC 9457), with the members that its code brings. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.enum(PROBLEM_CODES),
  correlation_id: z.string(),
  errors: z.array(faultSchema).readonly().optional(),
  retry_after_seconds: z.number().optional(),
  permission: z.string().optional(),
  found: z.array(z.string()).readonly().optional(),
  expected: z.array(z.string()).readonly().optional(),
  language: z.string().optional(),
  dependency: z.string().optional(),
  remedy: z.string().nullable().optional(),
  running: z.int().optional(),
  waiting: z.int().optional(),
  in_hand: z.int().optional(),
  allowed: z.int().optional(),
  expired_at: z.string().optional(),
  max_bytes: z.int().optional(),
  breaker: z.string().optional(),
  keys: z.array(z.string()).readonly().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
  name: z.string().optional(),
  timeout_seconds: z.number().optional(),
  limit: z.string().optional(),
  most: z.number().optional(),
  written: z.object({ nodes: upsertCountSchema, relationships: upsertCountSchema }).optional(),
  policy_findings: z.array(policyFindingSchema).readonly().optional(),
}).openapi("Problem");

/** A problem document as it crosses the wire. */
export type Problem = z.output<typeof problemSchema>;

type Extensions = Partial<Problem>;

/** The fault that an error stands for; whatever is not known is `internal`, and tells nothing. */
export function faultOf(error: unknown): Failure | TransportFault {
  if (error instanceof DomainError) return error.failure;
  if (error instanceof TransportError) return error.fault;
  return { code: "internal" };
}

/**
 * How a request ended that was answered with a status, or with a problem of that status. `calledOff` is
 * aborted where its caller has said that he wants no answer: what is cancelled then has lost nobody.
 */
export function outcomeOf(status: number, calledOff?: AbortSignal): RequestOutcome {
  if (status === PROBLEMS.cancelled.status) return calledOff?.aborted ? "refused" : "left";
  if (status >= 500) return "failed";
  return status >= 400 ? "refused" : "ok";
}

/** What the log, and nobody else, is told of an error that became `internal`. */
export function internalErrorFields(
  error: unknown,
  correlationId: string,
): Readonly<Record<string, LogField>> {
  const known = error instanceof Error ? error : new Error(String(error));
  return {
    correlation_id: correlationId,
    message: known.message,
    stack: known.stack ?? null,
    cause: known.cause === undefined ? null : String(known.cause),
  };
}

/** The problem document of a fault. */
export function problemOf(
  fault: Failure | TransportFault,
  request: { readonly correlationId: string; readonly instance: string },
): Problem {
  const { status, title } = PROBLEMS[fault.code];
  return {
    type: `/problems/${fault.code}`,
    title,
    status,
    detail: detailOf(fault),
    instance: request.instance,
    code: fault.code,
    correlation_id: request.correlationId,
    ...extensionsOf(fault),
  };
}

const JSON_TYPE = "application/json";

function detailOf(fault: Failure | TransportFault): string {
  switch (fault.code) {
    case "malformed_json":
      return `Cannot read the body: ${fault.reason}`;
    case "malformed_request":
      return `Cannot take the request: ${fault.reason}`;
    case "host_not_allowed":
      return `Cannot answer as ${fault.found}: expected a name of this service`;
    case "origin_not_allowed":
      return `Cannot answer a page of ${fault.found}: expected an origin of this service`;
    case "body_too_slow":
      return `Cannot read the body: less than ${fault.bytesPerSecond} bytes a second have come`;
    case "body_too_large":
      return `Cannot read the body: it is larger than ${fault.maxBytes} bytes`;
    case "unsupported_media_type":
      return `Cannot read the body: expected '${
        fault.expected ?? JSON_TYPE
      }', found ${fault.found}`;
    case "method_not_allowed":
      return `Cannot use '${fault.method}' here: expected ${fault.allowed.join(", ")}`;
    case "not_acceptable":
      return `Cannot answer in '${fault.found}': expected an Accept that allows '${
        fault.expected ?? JSON_TYPE
      }'`;
    case "internal":
      return "Cannot answer the request: the service has failed";
    default:
      return describe(fault);
  }
}

/** The members that a code adds to the document; each stands in the problem's schema. */
function extensionsOf(fault: Failure | TransportFault): Extensions {
  switch (fault.code) {
    case "validation_failed":
      return { errors: fault.errors };
    case "forbidden":
      return { permission: fault.permission, found: fault.found, expected: fault.expected };
    case "token_expired":
      return { expired_at: fault.expiredAt };
    case "too_many_executions":
      return {
        running: fault.running,
        waiting: fault.waiting,
        retry_after_seconds: fault.retryAfterSeconds,
        ...(fault.own && { in_hand: fault.own.inHand, allowed: fault.own.allowed }),
      };
    case "dependency_unavailable":
      return {
        dependency: fault.dependency,
        remedy: fault.remedy,
        retry_after_seconds: fault.retryAfterSeconds,
      };
    case "circuit_open":
    case "missing_endpoints":
    case "query_invalid":
    case "query_timeout":
    case "import_stopped":
    case "template_invalid":
      return toolExtensions(fault);
    case "rate_limited":
    case "shutting_down":
      return { retry_after_seconds: fault.retryAfterSeconds };
    case "language_unavailable":
    case "code_too_complex":
    case "code_rejected":
      return codeExtensions(fault);
    case "body_too_large":
      return { max_bytes: fault.maxBytes };
    case "method_not_allowed":
      return { found: [fault.method], expected: fault.allowed };
    case "unsupported_media_type":
    case "not_acceptable":
      return { found: [fault.found], expected: [fault.expected ?? JSON_TYPE] };
    case "unauthenticated":
    case "token_revoked":
    case "not_found":
    case "last_admin":
    case "graph_conflict":
    case "query_not_read_only":
    case "idempotency_key_reused":
    case "worker_lost":
    case "cancelled":
    case "malformed_json":
    case "malformed_request":
    case "host_not_allowed":
    case "origin_not_allowed":
    case "body_too_slow":
    case "internal":
      return {};
  }
}

function codeExtensions(
  fault: Extract<
    Failure,
    { code: "language_unavailable" | "code_too_complex" | "code_rejected" }
  >,
): Extensions {
  switch (fault.code) {
    case "language_unavailable":
      return { language: fault.language, remedy: fault.remedy };
    case "code_too_complex":
      return { limit: fault.limit, most: fault.most };
    case "code_rejected":
      return { policy_findings: wireFindings(fault.findings) };
  }
}

type ToolCode =
  | "circuit_open"
  | "missing_endpoints"
  | "query_invalid"
  | "query_timeout"
  | "import_stopped"
  | "template_invalid";

/** The members of what one tool or another refuses. */
function toolExtensions(fault: Extract<Failure, { code: ToolCode }>): Extensions {
  switch (fault.code) {
    case "circuit_open":
      return { breaker: fault.breaker, retry_after_seconds: fault.retryAfterSeconds };
    case "template_invalid":
      return {
        ...(fault.line !== null && { line: fault.line }),
        ...(fault.name !== null && { name: fault.name }),
      };
    case "missing_endpoints":
      return { keys: fault.keys };
    case "query_invalid": {
      const { line, column } = fault;
      return { ...(line !== null && { line }), ...(column !== null && { column }) };
    }
    case "query_timeout":
      return { timeout_seconds: fault.timeoutSeconds };
    case "import_stopped":
      return { line: fault.line, errors: fault.errors, written: fault.written };
  }
}
