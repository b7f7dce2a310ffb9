import type { AuditEvent, AuditType, StoredAuditEvent } from "../audit/event.ts";

/** Which events are looked for; what is left out, or `null`, fits every event. */
export interface AuditFilter {
  readonly type?: AuditType | null;
  readonly userId?: string | null;
  readonly correlationId?: string | null;
  /** ISO 8601 UTC with milliseconds: events of this time and later. */
  readonly from?: string | null;
  /** Events before this time. */
  readonly to?: string | null;
}

/** A place in a search: what comes after it is what stands before it in time. */
export interface AuditPosition {
  readonly time: string;
  readonly sequence: number;
}

/** A part of a search's answer. */
export interface AuditPage {
  /** Newest first; events of one millisecond by sequence. */
  readonly events: readonly StoredAuditEvent[];
  /** Where the next page goes on; `null` on the last one. */
  readonly next: AuditPosition | null;
}

/** How much of an answer is wanted. */
export interface AuditPaging {
  /** 1 or more. */
  readonly limit: number;
  /** `null` for the first page. */
  readonly after: AuditPosition | null;
}

/**
 * Keeps audit events: it is added to, and read, and nothing in it is ever changed.
 *
 * `append` resolves once the event survives a `kill -9` of the service; it may wait to share a
 * transaction with others. An id that is there already is not added again. Events appended while a
 * search goes from page to page do not disturb it. Both methods reject with `dependency_unavailable`
 * when the log cannot be used. Closing writes what is still pending.
 */
export interface AuditLog extends AsyncDisposable {
  append(event: AuditEvent): Promise<void>;
  search(filter: AuditFilter, paging: AuditPaging): Promise<AuditPage>;
}
