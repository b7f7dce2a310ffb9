import type { Context } from "hono";
import type { Audit } from "../../application/audit_trail.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Log } from "../../domain/ports/log.ts";
import { toJson } from "../wire/json.ts";
import {
  faultOf,
  internalErrorFields,
  type Problem,
  problemOf,
  TransportError,
} from "../wire/problem.ts";
import { auditActor, type HttpEnv, type HttpMiddleware } from "./environment.ts";

/** A longer path is cut: what was sent is not sent back at any length. */
const LONGEST_INSTANCE = 500;

/** Turns whatever was thrown into its problem, of which the audit hears where it keeps its kind. */
export function problemAnswers(
  { log, audit }: { readonly log: Log; readonly audit: Audit },
): (error: unknown, c: Context<HttpEnv>) => Response {
  return (error, c) => {
    audit.refused(faultOf(error), auditActor(c));
    const problem = problemFor(error, c, log);
    return new Response(toJson(problem), {
      status: problem.status,
      headers: problemHeaders(problem, c.req.header("authorization") !== undefined),
    });
  };
}

/** The problem that an error is to its caller; what nobody foresaw is told to the log alone. */
export function problemFor(error: unknown, c: Context<HttpEnv>, log: Log): Problem {
  const fault = faultOf(error);
  const correlationId = c.get("correlationId");
  if (fault.code === "internal") {
    log.write("error", "internal_error", internalErrorFields(error, correlationId));
  }
  c.set("refusal", fault.code);
  return problemOf(fault, { correlationId, instance: c.req.path.slice(0, LONGEST_INSTANCE) });
}

/** The answer to a path that no route has. */
export function routeNotFound(c: Context<HttpEnv>): never {
  const what = `the route '${c.req.method} ${c.req.path.slice(0, 200)}'`;
  throw new DomainError({ code: "not_found", what });
}

/** Refuses the methods that a path does not have. */
export function methodNotAllowed(allowed: readonly string[]): (c: Context<HttpEnv>) => never {
  return (c) => {
    throw new TransportError({ code: "method_not_allowed", method: c.req.method, allowed });
  };
}

/** Wraps thrown values that are no errors (an abort's reason can be anything), so that they are answered too. */
export function errorsOnly(): HttpMiddleware {
  return async (_c, next) => {
    try {
      await next();
    } catch (thrown) {
      if (thrown instanceof Error) throw thrown;
      throw new Error("Cannot answer: a value that is no error was thrown", { cause: thrown });
    }
  };
}

function problemHeaders(problem: Problem, tokenSent: boolean): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (problem.retry_after_seconds !== undefined) {
    headers["retry-after"] = String(Math.ceil(problem.retry_after_seconds));
  }
  if (problem.status === 401) headers["www-authenticate"] = challenge(tokenSent);
  // The rest of the body is not waited for; closing is left to the caller, the server has no means to.
  if (problem.code === "body_too_slow") headers["connection"] = "close";
  if (problem.code === "method_not_allowed") headers["allow"] = problem.expected?.join(", ") ?? "";
  return headers;
}

/** RFC 6750: a request without a token gets no error code. */
function challenge(tokenSent: boolean): string {
  const realm = 'Bearer realm="ultimate-mcp"';
  return tokenSent ? `${realm}, error="invalid_token"` : realm;
}
