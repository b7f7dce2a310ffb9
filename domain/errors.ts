import type { Language } from "./execution/language.ts";
import type { PolicyFinding } from "./policy/finding.ts";
import type { UpsertCounts } from "./graph/batch.ts";
import type { Permission, Role } from "./identity/role.ts";

/** One fault in what a caller sent. */
export interface FieldFault {
  /** JSON pointer (RFC 6901) into the request body, or the parameter's name. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** Everything that can be refused or fail, one variant a reason, with numbers a caller can use. */
export type Failure =
  | { readonly code: "validation_failed"; readonly errors: readonly FieldFault[] }
  | { readonly code: "unauthenticated"; readonly reason: string }
  | { readonly code: "token_expired"; readonly expiredAt: string }
  | { readonly code: "token_revoked" }
  | {
    readonly code: "forbidden";
    readonly permission: Permission;
    readonly found: readonly Role[];
    readonly expected: readonly Role[];
  }
  | { readonly code: "not_found"; readonly what: string }
  | { readonly code: "last_admin"; readonly user: string }
  | {
    readonly code: "language_unavailable";
    readonly language: Language;
    readonly reason: string;
    readonly remedy: string;
  }
  | {
    readonly code: "too_many_executions";
    readonly running: number;
    readonly waiting: number;
    readonly retryAfterSeconds: number;
    /** Where the caller's own runs are too many, or their bytes: how many are in hand, and how many may be. */
    readonly own?: {
      readonly inHand: number;
      readonly allowed: number;
      /** Default: runs. */
      readonly unit?: "bytes";
    };
  }
  | { readonly code: "rate_limited"; readonly burst: number; readonly retryAfterSeconds: number }
  | {
    readonly code: "dependency_unavailable";
    readonly dependency: string;
    readonly reason: string;
    readonly remedy: string | null;
    readonly retryAfterSeconds: number;
    /** `false` where trying the same again is in vain: it is then not tried again of itself. */
    readonly transient?: boolean;
    /** `true` where others' requests were in the way, which says nothing against the part itself. */
    readonly blameless?: true;
  }
  | {
    readonly code: "circuit_open";
    /** The circuit breaker that refuses. */
    readonly breaker: string;
    readonly retryAfterSeconds: number;
  }
  | { readonly code: "missing_endpoints"; readonly keys: readonly string[] }
  | { readonly code: "graph_conflict"; readonly reason: string }
  | { readonly code: "query_not_read_only"; readonly reason: string }
  | {
    readonly code: "query_invalid";
    /** The engine's own words. */
    readonly message: string;
    /** Counted from 1 in the caller's statement; `null` where the engine does not say. */
    readonly line: number | null;
    readonly column: number | null;
  }
  | {
    readonly code: "template_invalid";
    readonly message: string;
    /** Counted from 1 in the template; `null` where the engine does not say. */
    readonly line: number | null;
    /** The name that is undefined; `null` where that is not the fault. */
    readonly name: string | null;
  }
  | { readonly code: "query_timeout"; readonly timeoutSeconds: number }
  | {
    readonly code: "import_stopped";
    /** The line of the file, from 1, at which it was given up; what stands before it is written. */
    readonly line: number;
    /** What is wrong there; pointers lead into the line. */
    readonly errors: readonly FieldFault[];
    readonly written: UpsertCounts;
  }
  | { readonly code: "shutting_down"; readonly retryAfterSeconds: number }
  | { readonly code: "code_rejected"; readonly findings: readonly PolicyFinding[] }
  | {
    readonly code: "code_too_complex";
    readonly limit: "time" | "memory";
    /** What a text may take: seconds of time, or MiB of memory. */
    readonly most: number;
  }
  | { readonly code: "idempotency_key_reused"; readonly key: string }
  | { readonly code: "worker_lost"; readonly attempts: number }
  | { readonly code: "cancelled" };

/** The literal that tells one failure from another. */
export type FailureCode = Failure["code"];

/** The only error that domain and application throw; `failure` says what happened, as data. */
export class DomainError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(describe(failure), options);
    this.name = "DomainError";
    this.failure = failure;
  }
}

/** Whether `error` is a {@link DomainError} with the given code. */
export function isFailure(error: unknown, code: FailureCode): error is DomainError {
  return error instanceof DomainError && error.failure.code === code;
}

/** One sentence for a person: "Cannot X: reason". */
export function describe(failure: Failure): string {
  switch (failure.code) {
    case "validation_failed":
      return `Cannot accept the request: ${failure.errors.map(describeFault).join("; ")}`;
    case "unauthenticated":
      return `Cannot authenticate: ${failure.reason}`;
    case "token_expired":
      return `Cannot authenticate: the token expired at ${failure.expiredAt}`;
    case "token_revoked":
      return "Cannot authenticate: the token was revoked";
    case "forbidden":
      return `Cannot authorise: '${failure.permission}' needs one of the roles ` +
        `${quoted(failure.expected)}, found ${quoted(failure.found)}`;
    case "not_found":
      return `Cannot find ${failure.what}`;
    case "last_admin":
      return `Cannot change the roles of '${failure.user}': no other user is stored as admin`;
    case "language_unavailable":
      return `Cannot run '${failure.language}': ${failure.reason}. ${failure.remedy}`;
    case "too_many_executions":
      return `Cannot take the run: ${describeCrowd(failure)}. ` +
        `Try again in ${failure.retryAfterSeconds} s`;
    case "rate_limited":
      return `Cannot take the request: the ${failure.burst} units of the rate limit are used up. ` +
        `Try again in ${Math.ceil(failure.retryAfterSeconds)} s`;
    case "dependency_unavailable":
      return `Cannot reach ${failure.dependency}: ${failure.reason}.` +
        (failure.remedy === null ? "" : ` ${failure.remedy}`);
    case "circuit_open":
      return `Cannot use '${failure.breaker}': it has failed too often. ` +
        `Try again in ${Math.ceil(failure.retryAfterSeconds)} s`;
    case "shutting_down":
      return "Cannot take the request: the service is shutting down";
    case "idempotency_key_reused":
      return `Cannot take the request: '${failure.key}' is the key of another one`;
    case "worker_lost":
      return `Cannot run the job: its worker was lost ${failure.attempts} times`;
    case "cancelled":
      return "Cannot finish the request: the caller closed it";
    default:
      return describeToolFault(failure);
  }
}

type ToolCode =
  | "missing_endpoints"
  | "graph_conflict"
  | "query_not_read_only"
  | "query_invalid"
  | "template_invalid"
  | "query_timeout"
  | "import_stopped"
  | "code_rejected"
  | "code_too_complex";

/** What one tool or another refuses of what it is given. */
function describeToolFault(failure: Extract<Failure, { code: ToolCode }>): string {
  switch (failure.code) {
    case "missing_endpoints":
      return `Cannot write the relationships: no node has the key ${listed(failure.keys)}`;
    case "graph_conflict":
      return `Cannot change the graph: ${failure.reason}`;
    case "query_not_read_only":
      return `Cannot run the statement: expected one that only reads, found ${failure.reason}`;
    case "query_invalid":
      return `Cannot run the statement: ${failure.message}`;
    case "template_invalid":
      return `Cannot fill the template in: ${failure.message}` +
        (failure.line === null ? "" : ` (line ${failure.line})`);
    case "query_timeout":
      return `Cannot finish the statement within ${failure.timeoutSeconds} s`;
    case "import_stopped":
      return `Cannot import line ${failure.line}: ${failure.errors.map(describeFault).join("; ")}`;
    case "code_rejected":
      return `Cannot run the program: the policy of this service refuses it: ${
        describeFindings(failure.findings)
      }`;
    case "code_too_complex":
      return `Cannot lint the text: it takes more ${failure.limit} than ` +
        `${failure.most} ${failure.limit === "time" ? "s" : "MiB"}`;
  }
}

function describeCrowd(
  { running, waiting, own }: Extract<Failure, { code: "too_many_executions" }>,
): string {
  if (own === undefined) return `${running} are running and ${waiting} waiting`;
  if (own.unit === "bytes") {
    return `${own.inHand} of the ${own.allowed} bytes that one user's jobs may have are in hand`;
  }
  return `${own.inHand} of the ${own.allowed} runs that one user may have are in hand`;
}

function describeFault(fault: FieldFault): string {
  return `'${fault.pointer}' must be ${fault.expected}, found ${fault.found}`;
}

/** The first few; all of them stand in the failure. */
function describeFindings(findings: readonly PolicyFinding[]): string {
  const shown = findings.slice(0, 5)
    .map(({ path = "", line, column, ...what }) =>
      `${path && `${path}:`}${line}:${column} ${what.rule}: ${what.message}`
    );
  const more = findings.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** The first few; all of them stand in the failure. */
function listed(keys: readonly string[]): string {
  const more = keys.length - 10;
  return quoted(keys.slice(0, 10)) + (more > 0 ? ` and ${more} more` : "");
}

function quoted(words: readonly string[]): string {
  return words.length === 0 ? "none" : words.map((word) => `'${word}'`).join(", ");
}
