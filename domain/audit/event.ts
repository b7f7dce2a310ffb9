import type { Language } from "../execution/language.ts";
import type { LimitName } from "../execution/limits.ts";
import type { Outcome } from "../execution/outcome.ts";
import type { LintLanguage } from "../lint/report.ts";
import type { Permission, Role } from "../identity/role.ts";
import type { TestFramework, TestLanguage } from "../testing/framework.ts";
import type { TestOutcome } from "../testing/report.ts";
import type { BreakerStateName, ChangeCause } from "../resilience/breaker_policy.ts";
import { canonicalJson } from "./canonical_json.ts";

/** Every type that an audit event can have. */
export const AUDIT_TYPES = [
  "service_started",
  "service_stopped",
  "authentication_succeeded",
  "authentication_failed",
  "authorisation_refused",
  "rate_limit_refused",
  "violation",
  "execution_queued",
  "execution_cancelled",
  "execution_abandoned",
  "execution_finished",
  "tests_finished",
  "code_generated",
  "code_linted",
  "data_accessed",
  "graph_written",
  "graph_deleted",
  "graph_exported",
  "graph_imported",
  "role_changed",
  "token_revoked",
  "circuit_breaker_changed",
  "cache_cleared",
  "audit_trimmed",
] as const;

/** What kind of thing has happened. */
export type AuditType = (typeof AUDIT_TYPES)[number];

/**
 * What is told of each type; the names are those that are stored and shown.
 *
 * Closed records of ids, counts and words of the service's own: no code, no token, no secret. `count`
 * is how often the very same thing has happened since it was last told.
 */
export interface AuditDetails {
  readonly service_started: {
    readonly version: string;
    readonly environment: string;
    /** Of the settings but for the secrets: it changes when they do. */
    readonly settings_sha256: string;
  };
  readonly service_stopped: Readonly<Record<string, never>>;
  /** The first use of a token on this instance. */
  readonly authentication_succeeded: { readonly roles: readonly Role[] };
  readonly authentication_failed: { readonly code: string; readonly count: number };
  readonly authorisation_refused: {
    /** `owner` where the thing asked for is somebody else's; `several` where a sum tells of more. */
    readonly permission: Permission | "owner" | "several";
    readonly roles: readonly Role[];
    readonly count: number;
  };
  readonly rate_limit_refused: { readonly code: string; readonly count: number };
  /** `code` is the problem that was answered, or what the service itself has found. */
  readonly violation: {
    readonly code: string;
    /** The rules of the policy that were broken. */
    readonly rules: readonly string[];
    readonly count: number;
  };
  /** A job that was taken; what becomes of it is an event of its own. */
  readonly execution_queued: {
    readonly execution_id: string;
    readonly language: Language;
    readonly code_sha256: string;
  };
  /** Somebody wants a job no more, which may have ended by itself before it heard of that. */
  readonly execution_cancelled: { readonly execution_id: string; readonly owner: string };
  /** A job that could not be run and is tried no more, in the name of who asked for it. */
  readonly execution_abandoned: {
    readonly execution_id: string;
    readonly language: Language;
    /** Of the failure that it ended with, such as `worker_lost`. */
    readonly code: string;
    /** How often it was begun. */
    readonly attempts: number;
  };
  /**
   * A run that the sandbox took, however it ended; the program is known by its SHA-256 alone. `lost`:
   * the sandbox or the service ended under it, and nobody knows how far it came.
   */
  readonly execution_finished: {
    readonly execution_id: string;
    readonly language: Language;
    readonly outcome: Outcome | "lost";
    readonly limit: LimitName | null;
    readonly code_sha256: string;
  };
  /** Tests that the sandbox took, however they ended; the words are those of an execution. */
  readonly tests_finished: {
    readonly test_id: string;
    readonly framework: TestFramework;
    readonly language: TestLanguage;
    readonly outcome: TestOutcome | "cancelled" | "lost";
    readonly code_sha256: string;
  };
  /** A template that was filled in; it and its output are known by their SHA-256 alone. */
  readonly code_generated: {
    readonly generation_id: string;
    readonly language: string;
    readonly template_sha256: string;
    readonly output_sha256: string;
  };
  /** A text that was linted, known by its SHA-256 alone. */
  readonly code_linted: {
    readonly lint_id: string;
    readonly language: LintLanguage;
    readonly code_sha256: string;
  };
  readonly data_accessed: {
    readonly resource: "execution" | "lint" | "audit" | "roles" | "graph";
    /** Whose data it is; `null` where it is everyone's. */
    readonly owner: string | null;
    readonly id: string | null;
  };
  /** One transaction: how much, never what. */
  readonly graph_written: GraphWrite;
  readonly graph_deleted: {
    readonly nodes: number;
    readonly relationships: number;
    readonly detach: "yes" | "no";
  };
  /** The end of an export that began with a `data_accessed`; `ended` is `complete` or a failure's code. */
  readonly graph_exported: {
    readonly nodes: number;
    readonly relationships: number;
    readonly ended: string;
  };
  /** The end of an import, each batch of which was a `graph_written`. */
  readonly graph_imported: GraphWrite & { readonly lines: number; readonly ended: string };
  readonly role_changed: {
    readonly subject: string;
    /** Those that were stored; `null` where none were, and tokens said them. */
    readonly before: readonly Role[] | null;
    readonly after: readonly Role[];
  };
  readonly token_revoked: { readonly jti: string };
  /** The same state twice where an admin resets one that is closed. */
  readonly circuit_breaker_changed: {
    readonly breaker: string;
    readonly from: BreakerStateName;
    readonly to: BreakerStateName;
    readonly cause: ChangeCause;
  };
  /** How many entries all caches had together. */
  readonly cache_cleared: { readonly entries: number };
  /** All events up to a sequence were older than the retention, and went. */
  readonly audit_trimmed: {
    readonly through_sequence: number;
    /** The hash of the last event that went. */
    readonly hash: string;
    readonly count: number;
  };
}

/** How many an upsert has made and found. */
export interface GraphWrite {
  readonly nodes_created: number;
  readonly nodes_updated: number;
  readonly relationships_created: number;
  readonly relationships_updated: number;
}

/** A type with its details. */
export type AuditFact = {
  readonly [T in AuditType]: { readonly type: T; readonly details: AuditDetails[T] };
}[AuditType];

/** Who did it, and in which request; `null` where nobody is known. */
export interface AuditActor {
  /** The token's subject; never taken from a token that was not verified. */
  readonly userId: string | null;
  readonly correlationId: string | null;
  /** The other end of the connection; for several of one /64 that are told together, that. */
  readonly address: string | null;
  /** The trace that the request is part of: 32 hexadecimal digits. Left out where there is none. */
  readonly traceId?: string;
}

/** Something that has happened and that somebody may have to answer for. */
export type AuditEvent = AuditFact & AuditActor & {
  /** UUID version 7. */
  readonly id: string;
  /** ISO 8601 UTC with milliseconds. */
  readonly time: string;
};

/** An event in its place in the log: 1 is the first of the instance's, and none is left out. */
export type StoredAuditEvent = AuditEvent & { readonly sequence: number };

/** The one text of an event, which is stored, hashed and searched. */
export function auditText({ userId, correlationId, traceId, ...rest }: AuditEvent): string {
  const ids = { user_id: userId, correlation_id: correlationId, trace_id: traceId };
  return canonicalJson({ ...rest, ...ids });
}

/** An event from the text that {@link auditText} gave; its shape is not checked. */
export function parseAuditText(text: string): AuditEvent {
  const { user_id: userId, correlation_id: correlationId, trace_id: traceId, ...rest } = JSON.parse(
    text,
  );
  return { ...rest, userId, correlationId, ...(traceId !== undefined && { traceId }) };
}

/** An event from a text that anybody may have written; `null` unless {@link auditText} gives that text. */
export function readAuditText(text: string): AuditEvent | null {
  try {
    const event = parseAuditText(text);
    return hasShape(event) && auditText(event) === text ? event : null;
  } catch {
    return null;
  }
}

function hasShape({ type, id, time, details, ...actor }: AuditEvent): boolean {
  return AUDIT_TYPES.includes(type) && typeof id === "string" && id !== "" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time) &&
    typeof details === "object" && details !== null &&
    [actor.userId, actor.correlationId, actor.address].every((text) =>
      text === null || typeof text === "string"
    ) && ["string", "undefined"].includes(typeof actor.traceId);
}

/** The text whose SHA-256 is the hash of an event: canonical JSON of what went before and of it. */
export function linkText(previousHash: string, sequence: number, auditText: string): string {
  return `["${previousHash}",${sequence},${auditText}]`;
}
