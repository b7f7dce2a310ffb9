import type { FailureCode } from "../../domain/errors.ts";

/** What goes wrong between the socket and a use case. */
export type TransportFault =
  | { readonly code: "malformed_json"; readonly reason: string }
  | { readonly code: "malformed_request"; readonly reason: string }
  | { readonly code: "host_not_allowed"; readonly found: string }
  | { readonly code: "origin_not_allowed"; readonly found: string }
  | { readonly code: "body_too_slow"; readonly bytesPerSecond: number }
  | { readonly code: "body_too_large"; readonly maxBytes: number }
  /** `expected`: a media type, where it is another than JSON; so for `not_acceptable`. */
  | { readonly code: "unsupported_media_type"; readonly found: string; readonly expected?: string }
  | {
    readonly code: "method_not_allowed";
    readonly method: string;
    readonly allowed: readonly string[];
  }
  | { readonly code: "not_acceptable"; readonly found: string; readonly expected?: string }
  | { readonly code: "internal" };

/** Every code that a problem can carry. */
export type ProblemCode = FailureCode | TransportFault["code"];

/** How a problem code is shown: its status, its title, and what its page says to do. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly advice: string;
}

/** From every code to its status, title and advice. The one such table. */
export const PROBLEMS: { readonly [C in ProblemCode]: ProblemKind } = {
  malformed_json: {
    status: 400,
    title: "The body is not JSON",
    advice:
      "Send one JSON value in UTF-8. The detail names the position where reading stopped, when it is known.",
  },
  malformed_request: {
    status: 400,
    title: "The request's target or headers are not well formed",
    advice:
      "Spell the path as /openapi.json does, and send each header once. The detail names what is wrong.",
  },
  unauthenticated: {
    status: 401,
    title: "No valid token was sent",
    advice:
      "Send 'Authorization: Bearer' with a token made by 'deno task token', or with the one that the service prints at start in development.",
  },
  token_expired: {
    status: 401,
    title: "The token has expired",
    advice: "Get a new token. 'expired_at' says when this one ended.",
  },
  token_revoked: {
    status: 401,
    title: "The token was revoked",
    advice:
      "Get a new token. This one was revoked by its holder or by an admin, and never becomes good again.",
  },
  forbidden: {
    status: 403,
    title: "The token's roles do not allow this",
    advice:
      "Use a token that has one of the roles in 'expected'. 'found' lists the roles that this one has.",
  },
  host_not_allowed: {
    status: 403,
    title: "The request is addressed to another host",
    advice:
      "Address the service by a name of loopback or by one that the operator has named in ALLOWED_HOSTS.",
  },
  origin_not_allowed: {
    status: 403,
    title: "The page that asks is of another origin",
    advice: "Have the operator name the page's origin in CORS_ORIGINS.",
  },
  not_found: {
    status: 404,
    title: "There is no such thing",
    advice:
      "Check the path and the id. A run is shown to its owner and to admins only; to everyone else it is as if it had never been.",
  },
  method_not_allowed: {
    status: 405,
    title: "The method is not allowed here",
    advice: "Use one of the methods in the 'Allow' header.",
  },
  not_acceptable: {
    status: 406,
    title: "No acceptable representation",
    advice:
      "Answers are JSON: leave 'Accept' out, or let it allow the type that the detail names, mostly 'application/json'.",
  },
  last_admin: {
    status: 409,
    title: "The last admin cannot be removed",
    advice:
      "Give another user the role 'admin' first, by PUT or POST to /api/v1/users/{id}/roles, then change this one.",
  },
  missing_endpoints: {
    status: 409,
    title: "Relationships need nodes that are not there",
    advice:
      "'keys' lists the keys that no node has, neither in the graph nor in the batch. Add the nodes to the batch. Nothing was written.",
  },
  graph_conflict: {
    status: 409,
    title: "The graph does not allow this change",
    advice:
      "The detail says why. A node that has relationships is deleted with 'detach': true. Nothing was written.",
  },
  body_too_slow: {
    status: 408,
    title: "The body came too slowly",
    advice: "Send the body at once. A body that trickles is not waited for.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    advice: "Send at most 'max_bytes' bytes. The operator sets this with MAX_BODY_MB.",
  },
  unsupported_media_type: {
    status: 415,
    title: "The body is of an unsupported type",
    advice:
      "Send the 'Content-Type' that the detail names, mostly 'application/json', and no 'Content-Encoding'.",
  },
  validation_failed: {
    status: 422,
    title: "The request does not fit its schema",
    advice:
      "Each entry of 'errors' names a place by JSON pointer, what was expected there and what was found. The schemas stand in /openapi.json.",
  },
  code_rejected: {
    status: 422,
    title: "The policy refuses this program",
    advice:
      "Each entry of 'policy_findings' names a rule and a place, line and column counted from 1. Write the program without it, or ask the operator, who sets the rules with CODE_POLICY. Nothing was run.",
  },
  code_too_complex: {
    status: 422,
    title: "The text is too much for the linter",
    advice:
      "Lint it in smaller parts. 'limit' says what it takes too much of, 'most' how much there is: seconds or MiB.",
  },
  query_not_read_only: {
    status: 422,
    title: "The statement does more than read",
    advice: "Queries only read. Write with graph_upsert and graph_delete. Nothing was changed.",
  },
  query_invalid: {
    status: 422,
    title: "The graph does not understand the statement",
    advice: "The detail is the engine's own message; 'line' and 'column' say where, if it does.",
  },
  template_invalid: {
    status: 422,
    title: "The template cannot be filled in",
    advice:
      "The detail says why, 'line' where, counted from 1, and 'name' which name is undefined, where that is known. What a template may do and how much it may take stands in docs/generate_code.md.",
  },
  import_stopped: {
    status: 422,
    title: "The import was given up",
    advice:
      "'line' is where, 'errors' what is wrong there. Everything before that line is written, and 'written' says how much. Mend the file and send it again, whole: what is there already stays as it is.",
  },
  rate_limited: {
    status: 429,
    title: "Too much was asked in too short a time",
    advice:
      "Wait for the seconds in 'Retry-After', then try again. 'RateLimit' tells in every answer what is left. The operator sets the rate with RATE_LIMIT_PER_MINUTE and RATE_LIMIT_BURST.",
  },
  too_many_executions: {
    status: 429,
    title: "Too many runs are in hand",
    advice:
      "Wait for the seconds in 'Retry-After', then try again. The operator sets the bounds with EXECUTION_CONCURRENCY, EXECUTION_QUEUE and EXECUTION_PER_USER, of jobs with JOB_QUOTA_PER_USER.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "The idempotency key stands for another request",
    advice:
      "Send the very request that the key was first sent with, or another key. A key is free again some time after its job has ended.",
  },
  worker_lost: {
    status: 500,
    title: "The job's worker was lost too often",
    advice:
      "The service or the machine ended each time while the program ran. Look there for the reason before it is queued again.",
  },
  cancelled: {
    status: 499,
    title: "The caller closed the request",
    advice: "Nothing is left to do: the run was ended because its caller left.",
  },
  internal: {
    status: 500,
    title: "Something went wrong inside the service",
    advice: "This is a fault of the service. Its log holds the reason under the correlation id.",
  },
  language_unavailable: {
    status: 501,
    title: "The language cannot be run on this host",
    advice: "Use another language, or do as 'remedy' says on the host of the service.",
  },
  dependency_unavailable: {
    status: 503,
    title: "A part that the service needs is unavailable",
    advice:
      "Wait for the seconds in 'Retry-After', then try again. If it stays so, do as 'remedy' says on the host of the service.",
  },
  circuit_open: {
    status: 503,
    title: "A part that the service needs has failed too often",
    advice:
      "Wait for the seconds in 'Retry-After', then try again: the part is then tried once more.",
  },
  query_timeout: {
    status: 504,
    title: "The statement took too long",
    advice: "Ask for less, begin at indexed keys, or raise 'timeout_seconds'.",
  },
  shutting_down: {
    status: 503,
    title: "The service is stopping",
    advice: "Send the request again after the seconds in 'Retry-After'.",
  },
};

/** Every problem code, for schemas. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];
