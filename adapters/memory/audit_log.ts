import type { AuditEvent, StoredAuditEvent } from "../../domain/audit/event.ts";
import { DomainError } from "../../domain/errors.ts";
import type {
  AuditFilter,
  AuditLog,
  AuditPage,
  AuditPaging,
} from "../../domain/ports/audit_log.ts";

/** Keeps events in an array, without bound, until it is closed. For tests: nothing outlives it. */
export class MemoryAuditLog implements AuditLog {
  readonly events: StoredAuditEvent[] = [];
  #closed = false;

  append(event: AuditEvent): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    if (this.events.every(({ id }) => id !== event.id)) {
      this.events.push({ ...structuredClone(event), sequence: this.events.length + 1 });
    }
    return Promise.resolve();
  }

  search(filter: AuditFilter, { limit, after }: AuditPaging): Promise<AuditPage> {
    if (this.#closed) return Promise.reject(closed());
    const found = this.events
      .filter((event) => fits(event, filter))
      .sort((one, other) => isBefore(one, other) ? 1 : -1)
      .filter((event) => after === null || isBefore(event, after));
    const events = structuredClone(found.slice(0, limit));
    const last = events.at(-1);
    const more = found.length > limit && last !== undefined;
    return Promise.resolve({
      events,
      next: more ? { time: last.time, sequence: last.sequence } : null,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}

interface Placed {
  readonly time: string;
  readonly sequence: number;
}

function isBefore(one: Placed, other: Placed): boolean {
  return one.time === other.time ? one.sequence < other.sequence : one.time < other.time;
}

function fits(event: StoredAuditEvent, filter: AuditFilter): boolean {
  const { type, userId, correlationId, from, to } = filter;
  return (type ?? event.type) === event.type &&
    (userId ?? event.userId) === event.userId &&
    (correlationId ?? event.correlationId) === event.correlationId &&
    (from ?? "") <= event.time && event.time < (to ?? "\uffff");
}

function closed(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "audit",
    reason: "the log is closed",
    remedy: null,
    retryAfterSeconds: 1,
  });
}
