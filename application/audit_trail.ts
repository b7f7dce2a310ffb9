import type { AuditActor, AuditEvent, AuditFact } from "../domain/audit/event.ts";
import type { Principal } from "../domain/identity/principal.ts";
import type { AuditLog } from "../domain/ports/audit_log.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { Log } from "../domain/ports/log.ts";
import { type Refusal, refusalCode, refusalFact } from "./audit_refusals.ts";
import type { RequestContext } from "./request_context.ts";

/** Where use cases and doors tell what has happened. */
export interface Audit {
  /**
   * Resolves once the event is kept. Rejects with `dependency_unavailable`: what must be told of is
   * then not answered.
   */
  record(fact: AuditFact, actor: AuditActor): Promise<void>;
  /**
   * Tells of a refusal, if it is of a kind that the audit keeps; the same object twice counts once.
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

/** How long the same refusal of the same address is counted before it is told of again. */
const TALLY_MS = 60_000;

/** Addresses that are told apart at a time; the others are summed up without one. */
const MAX_TALLIES = 64;

/** Tokens whose use has been told of. One that is forgotten is told of again. */
const MAX_TOKENS = 4000;

interface Tally {
  readonly fact: AuditFact;
  readonly actor: AuditActor;
  /** Times since it was last told of. */
  count: number;
}

/** Makes events of what happens, and bounds how many of them a flood of refusals makes. */
export class AuditTrail implements Audit {
  readonly #parts: AuditTrailParts;
  readonly #told = new WeakSet<object>();
  /** The events of tokens' first uses, kept or on their way. */
  readonly #tokens = new Map<string, Promise<void>>();
  readonly #tallies = new Map<string, Tally>();
  #tallyEnd = 0;
  /** Events that nobody waits for, on their way. */
  readonly #pending = new Set<Promise<void>>();

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  async record(fact: AuditFact, actor: AuditActor): Promise<void> {
    const { log, telemetry } = this.#parts;
    let stored = false;
    try {
      await log.append(this.#eventOf(fact, actor));
      stored = true;
    } finally {
      telemetry.record({ kind: "audit_event", type: fact.type, stored });
    }
  }

  refused(refusal: Refusal, actor: AuditActor): void {
    const fact = refusalFact(refusal, 1);
    if (fact === null || this.#told.has(refusal)) return;
    this.#told.add(refusal);
    this.sweep();
    const key = JSON.stringify([fact, actor.address, actor.userId]);
    const tally = this.#tallies.get(key);
    if (tally !== undefined) tally.count += 1;
    else if (this.#tallies.size < MAX_TALLIES) this.#open(key, fact, actor);
    else this.#sum(refusalCode(refusal));
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

  /** The first is told of at once: a kill loses counts, but not that it happened. */
  #open(key: string, fact: AuditFact, actor: AuditActor): void {
    this.#tallies.set(key, { fact, actor, count: 0 });
    this.note(fact, actor);
  }

  /** By kind alone: how many kinds there are, nobody outside can choose. */
  #sum(code: string): void {
    const fact = refusalFact({ code }, 1);
    const tally = this.#tallies.get(code) ?? (fact && { fact, actor: NOBODY, count: 0 });
    if (tally === null) return;
    tally.count += 1;
    this.#tallies.set(code, tally);
  }

  #tellCounts(): void {
    for (const { fact, actor, count } of this.#tallies.values()) {
      if (count > 0) this.note(counted(fact, count), { ...actor, correlationId: null });
    }
    this.#tallies.clear();
  }

  #eventOf(fact: AuditFact, actor: AuditActor): AuditEvent {
    const { newId, clock } = this.#parts;
    return { ...fact, ...actor, id: newId(), time: new Date(clock.now()).toISOString() };
  }
}

/** Who asks, as the audit tells it. */
export function actorOf(
  { principal, correlationId, address = null }: RequestContext,
): AuditActor {
  return { userId: principal.subject, correlationId, address };
}

/** The service itself. */
export const NOBODY: AuditActor = { userId: null, correlationId: null, address: null };

function counted(fact: AuditFact, count: number): AuditFact {
  return { ...fact, details: { ...fact.details, count } } as AuditFact;
}
