import type { AuditActor, AuditEvent, AuditFact } from "../domain/audit/event.ts";
import type { Job } from "../domain/execution/job.ts";
import type { Principal } from "../domain/identity/principal.ts";
import type { AuditLog } from "../domain/ports/audit_log.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { Log } from "../domain/ports/log.ts";
import { traceContextOf, traceIdOf } from "../domain/tracing/trace_context.ts";
import { type Refusal, refusalFact } from "./audit_refusals.ts";
import { RefusalTallies } from "./refusal_tallies.ts";
import type { RequestContext } from "./request_context.ts";

/** Where use cases and doors tell what has happened. */
export interface Audit {
  /**
   * Resolves once the event is kept. Rejects with `dependency_unavailable`: what must be told of is
   * then not answered. `id` is the event's own where it may be told again: it is kept once.
   */
  record(fact: AuditFact, actor: AuditActor, id?: string): Promise<void>;
  /**
   * Tells of a refusal, if it is of a kind that the audit keeps; the same object twice counts once.
   * One for want of a permission is measured too, since all doors come by here.
   * Never throws and never waits: whoever is refused gets nothing that would have to be told first.
   */
  refused(refusal: Refusal, actor: AuditActor): void;
  /** Tells of what nobody waits for. Never throws and never waits; what cannot be kept is logged. */
  note(fact: AuditFact, actor: AuditActor): void;
  /** Tells of the first use of a token; resolves at once for those that follow. */
  authenticated(token: string, principal: Principal, actor: AuditActor): Promise<void>;
}

/** What an {@link AuditTrail} works with. */
export interface AuditTrailParts {
  readonly log: AuditLog;
  readonly clock: Clock;
  /** A new id that sorts by time of making. */
  readonly newId: () => string;
  readonly telemetry: Telemetry;
  /** Told of events that could not be kept. */
  readonly faults: Log;
}

/** How long the same refusal of the same client is counted before it is told of again. */
const TALLY_MS = 60_000;

/** Tokens whose use has been told of. One that is forgotten is told of again. */
const MAX_TOKENS = 4000;

/** Makes events of what happens, and bounds how many of them a flood of refusals makes. */
export class AuditTrail implements Audit {
  readonly #parts: AuditTrailParts;
  readonly #told = new WeakSet<object>();
  /** The events of tokens' first uses, kept or on their way. */
  readonly #tokens = new Map<string, Promise<void>>();
  readonly #tallies = new RefusalTallies();
  #tallyEnd = 0;
  /** Events that nobody waits for, on their way. */
  readonly #pending = new Set<Promise<void>>();

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  async record(fact: AuditFact, actor: AuditActor, id?: string): Promise<void> {
    const { log, telemetry } = this.#parts;
    let stored = false;
    try {
      await log.append(this.#eventOf(fact, actor, id));
      stored = true;
    } finally {
      telemetry.record({ kind: "audit_event", type: fact.type, stored });
    }
  }

  refused(refusal: Refusal, actor: AuditActor): void {
    const fact = refusalFact(refusal, 1);
    if (fact === null || this.#told.has(refusal)) return;
    this.#told.add(refusal);
    if (fact.type === "authorisation_refused") {
      this.#parts.telemetry.record({ kind: "auth_decided", result: "forbidden" });
    }
    this.sweep();
    // The first is told of at once: a kill loses counts, but not that it happened.
    if (this.#tallies.count(refusal, fact, actor)) this.note(fact, actor);
  }

  note(fact: AuditFact, actor: AuditActor): void {
    const told = this.record(fact, actor).catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      const { type } = fact;
      this.#parts.faults.write("error", "audit_event_lost", { type, reason });
    }).finally(() => this.#pending.delete(told));
    this.#pending.add(told);
  }

  async authenticated(token: string, { roles }: Principal, actor: AuditActor): Promise<void> {
    const known = this.#tokens.get(token);
    if (known !== undefined) return await known;
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size >= MAX_TOKENS && oldest !== undefined) this.#tokens.delete(oldest);
    const kept = this.record({ type: "authentication_succeeded", details: { roles } }, actor);
    this.#tokens.set(token, kept);
    try {
      await kept;
    } catch (error) {
      this.#tokens.delete(token);
      throw error;
    }
  }

  /** Tells of what was counted, once their time is over. Called now and then. */
  sweep(): void {
    const now = this.#parts.clock.monotonic();
    if (now < this.#tallyEnd) return;
    this.#tallyEnd = now + TALLY_MS;
    this.#tellCounts();
  }

  /** Tells of what was counted; resolves once everything told is kept, or is lost. */
  async close(): Promise<void> {
    this.#tellCounts();
    await Promise.all(this.#pending);
  }

  #tellCounts(): void {
    for (const { fact, actor } of this.#tallies.take()) this.note(fact, actor);
  }

  #eventOf(fact: AuditFact, actor: AuditActor, id = this.#parts.newId()): AuditEvent {
    const { clock } = this.#parts;
    return { ...fact, ...actor, id, time: new Date(clock.now()).toISOString() };
  }
}

/** Who asks, as the audit tells it. */
export function actorOf(
  { principal, correlationId, traceId, address = null }: RequestContext,
): AuditActor {
  return { userId: principal.subject, correlationId, address, ...(traceId && { traceId }) };
}

/** Who has queued a job, and in which trace. */
export function jobActor(
  { owner: userId, correlationId, address, trace }: Pick<
    Job,
    "owner" | "correlationId" | "address" | "trace"
  >,
): AuditActor {
  const place = traceContextOf(trace?.traceparent, null);
  return { userId, correlationId, address, ...(place && { traceId: traceIdOf(place) }) };
}

/** The service itself. */
export const NOBODY: AuditActor = { userId: null, correlationId: null, address: null };
