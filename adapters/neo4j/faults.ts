import { DomainError } from "../../domain/errors.ts";

/**
 * What the driver throws, by its shape: its class cannot be told under Deno, where the prototype that it
 * sets by `__proto__` is not set.
 */
export interface DriverFault {
  readonly code: string;
  readonly message: string;
}

const CONSTRAINT = "Neo.ClientError.Schema.ConstraintValidationFailed";

/** How the driver's words begin where a connection is the matter. */
const WAY =
  /^(Connection|No connection|Failed to establish|Pool is closed|Secure connection|Server (certificate|responded)|You cannot (begin|run)|Cannot (begin|run|commit|rollback) |Illegal response from router|Unable to parse (TTL|servers))/;

/** Characters of what a fault says of itself. */
const LONGEST_WORDS = 200;

/** The fault that something thrown is; `null` for what is none of the driver's. */
export function driverFault(error: unknown): DriverFault | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    return null;
  }
  return { code: error.code, message: error.message };
}

/** Whether the database itself has said what is wrong. */
export function isAnswer(error: unknown): boolean {
  return driverFault(error)?.code.startsWith("Neo.") ?? false;
}

/** What a database holds: what is called away when that one is. */
export type Dependency = "graph" | "records";

/** The database is away; the caller can try again soon. */
export function unavailable(
  reason: string,
  cause?: unknown,
  dependency: Dependency = "graph",
): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency,
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}

/**
 * The database is well, but others' calls have kept this one from it until its time was over: what is
 * tried again of itself would wait as long once more.
 */
export function hindered(reason: string, cause: unknown, dependency: Dependency): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency,
    reason,
    remedy: null,
    retryAfterSeconds: 1,
    transient: false,
    blameless: true,
  }, { cause });
}

/** A statement that cannot be carried out, in so many words; the place counts from 1 in its text. */
export function invalid(
  message: string,
  place: { readonly line: number; readonly column: number } | null = null,
  cause?: unknown,
): DomainError {
  const { line = null, column = null } = place ?? {};
  return new DomainError({ code: "query_invalid", message, line, column }, { cause });
}

/** A statement that is not known to read only. */
export function notReading(what: string): DomainError {
  const reason = what.length > 200 ? `${what.slice(0, 200)}…` : what;
  return new DomainError({ code: "query_not_read_only", reason });
}

/** Whether a transaction lost against another in the database's locks, and may well win the next time. */
export function isLockFault(error: unknown): boolean {
  const code = driverFault(error)?.code ?? "";
  return code === "Neo.TransientError.Transaction.DeadlockDetected" ||
    code === "Neo.TransientError.Transaction.LockClientStopped" ||
    code === "Neo.TransientError.Transaction.LockAcquisitionTimeout";
}

/** Whether the database does not know a bookmark that it was given: it is another one than before. */
export function isBookmarkFault(error: unknown): boolean {
  return /\.(InvalidBookmark|InvalidBookmarkMixture|BookmarkTimeout)$/.test(
    driverFault(error)?.code ?? "",
  );
}

/** What is wrong with the service's own call; never the caller's statement. */
export function serviceFailure(error: unknown, dependency: Dependency = "graph"): DomainError {
  if (error instanceof DomainError) return error;
  const fault = driverFault(error);
  if (fault === null) return unavailable(String(error), error, dependency);
  const { code, message } = fault;
  if (code === CONSTRAINT) return conflict(wordsOf(message), error);
  const permanent = code.startsWith("Neo.ClientError.") || isMemoryFault(code);
  return new DomainError({
    code: "dependency_unavailable",
    dependency,
    reason: reasonOf(code, message),
    remedy: null,
    retryAfterSeconds: 1,
    ...(permanent && { transient: false }),
  }, { cause: error });
}

/**
 * What a caller's batch has met: what the database has against its contents is no fault of the database's,
 * and the same batch would meet it again.
 */
export function batchFailure(error: unknown): DomainError {
  const { code = "", message = "" } = driverFault(error) ?? {};
  if (/^Property value is too large to index\b/.test(message)) {
    return conflict("a value is too long for an index of the database", error);
  }
  // The other limit is on all transactions together: there, others may be in the way.
  if (isMemoryFault(code) && message.includes("db.memory.transaction.max")) {
    return conflict("it needs more memory than the database gives a transaction", error);
  }
  return isOfTheBatch(code) ? conflict(wordsOf(message), error) : serviceFailure(error);
}

/** The database's own classes of what is wrong with what it was given; what is over is none of that. */
function isOfTheBatch(code: string): boolean {
  return /^Neo\.ClientError\.(Statement|Schema|Transaction)\./.test(code) &&
    !/TimedOut|Terminated|Stopped|Bookmark|NotFound|Concurrently|StartFailed/.test(code);
}

function conflict(words: string, cause: unknown): DomainError {
  const reason = words.replaceAll(/\b(Node|Relationship)\(\d+\)/g, "a $1")
    .replaceAll(/\b\d+:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}:\d+\b/g, "…");
  return new DomainError({ code: "graph_conflict", reason }, { cause });
}

/** What a caller's statement has met; `linesBefore` were put before its own first line. */
export function statementFailure(
  error: unknown,
  { timeoutSeconds, linesBefore }: {
    readonly timeoutSeconds: number;
    readonly linesBefore: number;
  },
): DomainError {
  if (error instanceof DomainError) return error;
  const { code = "", message = "" } = driverFault(error) ?? {};
  if (!code.startsWith("Neo.")) {
    return isOfTheWay(code, message) ? serviceFailure(error) : unreadable(error);
  }
  if (/^Neo\.ClientError\.Transaction\.TransactionTimedOut/.test(code)) {
    return new DomainError({ code: "query_timeout", timeoutSeconds }, { cause: error });
  }
  if (code === "Neo.ClientError.Statement.AccessMode") return notReading("a write");
  // Where one text doubles itself again and again the database has no other limit than its heap.
  if (isMemoryFault(code) || code === "Neo.TransientError.General.OutOfMemoryError") {
    return invalid("it needs more memory than the database gives a statement", null, error);
  }
  if (isOfTheDatabase(code)) return serviceFailure(error);
  return invalid(wordsOf(message), placeIn(message, linesBefore), error);
}

/** What anybody may be told: the driver's own words name hosts and ports, and go to the log only. */
function reasonOf(code: string, message: string): string {
  if (code === "ServiceUnavailable") return "it cannot be reached";
  if (code === "SessionExpired") return "the connection to it was lost";
  if (/\.Security\./.test(code)) return "it refuses the user or the password";
  if (!code.startsWith("Neo.")) return "there was no connection to be had";
  return wordsOf(message);
}

/**
 * Whether a fault met with a caller's statement is not the statement's. All else is, the database's own
 * mishaps with it too: else anybody who finds one could open the breaker for everybody. A database that is
 * ill shows that in the service's own statements.
 */
function isOfTheDatabase(code: string): boolean {
  if (code === "Neo.TransientError.General.StackOverFlowError") return false;
  return code.startsWith("Neo.TransientError.") ||
    /^Neo\.ClientError\.(Security|Cluster|General)\./.test(code);
}

/** Whether the driver says something of the way to the database; its code `N/A` alone is anything. */
function isOfTheWay(code: string, message: string): boolean {
  if (code === "ServiceUnavailable" || code === "SessionExpired") return true;
  return code === "N/A" && WAY.test(message);
}

/** The database has answered with what the driver, or the service, cannot take: a time out of its range. */
function unreadable(error: unknown): DomainError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const words = wordsOf(message).slice(0, LONGEST_WORDS);
  return invalid(`its answer cannot be told (${name}: ${words})`, null, error);
}

/** The database says of this that it may be tried again; the same statement meets the same limit. */
function isMemoryFault(code: string): boolean {
  return code.endsWith("MemoryPoolOutOfMemoryError");
}

/** The database's own words, without the picture of the place. */
function wordsOf(message: string): string {
  const words = message.split("\n", 1)[0]?.replace(/ \(line \d+, column \d+.*$/, "").trim() ?? "";
  return words === "" ? "the database gives no reason" : words;
}

function placeIn(
  message: string,
  linesBefore: number,
): { readonly line: number; readonly column: number } | null {
  const [, line = "0", column = "0"] = /\(line (\d+), column (\d+)/.exec(message) ?? [];
  const own = Number(line) - linesBefore;
  return own >= 1 && Number(column) >= 1 ? { line: own, column: Number(column) } : null;
}
