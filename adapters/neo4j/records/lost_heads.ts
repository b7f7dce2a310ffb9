import type { AuditEvent } from "../../../domain/audit/event.ts";
import type { ReportedHead } from "../../../domain/audit/chain_report.ts";
import type { Clock } from "../../../domain/ports/clock.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { Notes } from "../../../domain/ports/outbox.ts";

/** What the heads that the database has lost are noted under. */
export const LOST_NOTE = "audit_lost_heads";
/** The first of them are kept: who goes on losing heads for the database cannot push one out. */
const MOST_HEADS = 1000;

/** What somebody tells of a lost head with. */
export interface LostHeadsParts {
  readonly notes: Notes;
  readonly log: Log;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** What the database has of a chain. */
export interface FoundChain {
  /** Its own end. */
  readonly sequence: number;
  /** The last event that retention has taken; 0: none. */
  readonly through: number;
  /** The hash of the event in the noted head's place; not a text where there is none. */
  readonly hash: unknown;
}

/** Whether a chain no longer has a head that was noted. What retention has taken it tells of itself. */
export function isLost({ sequence, hash }: ReportedHead, chain: FoundChain): boolean {
  if (sequence === 0) return false;
  if (chain.sequence < sequence) return true;
  return typeof chain.hash === "string" ? chain.hash !== hash : chain.through < sequence;
}

/** Heads that the database has lost: each is told of once, and kept, for whoever verifies the chain later. */
export class LostHeads {
  readonly #parts: LostHeadsParts;
  /** Since the start, as `SEQUENCE:HASH`. */
  readonly #told = new Set<string>();

  constructor(parts: LostHeadsParts) {
    this.#parts = parts;
  }

  /** Whether it has been told of since the start. */
  isTold({ sequence, hash }: ReportedHead): boolean {
    return this.#told.has(`${sequence}:${hash}`);
  }

  /** Logs one and keeps it. */
  tell({ sequence, hash }: ReportedHead): void {
    const { notes, log } = this.#parts;
    log.write("error", "audit_head_lost", { sequence, hash });
    this.#told.add(`${sequence}:${hash}`);
    const heads = lostHeadsIn(notes.read(LOST_NOTE));
    if (heads.length === MOST_HEADS || heads.some((head) => head.hash === hash)) return;
    notes.write(LOST_NOTE, JSON.stringify([...heads, { sequence, hash }]));
  }

  /** What the log tells of it, in the name of nobody. */
  event(): AuditEvent {
    const { clock, newId } = this.#parts;
    const time = new Date(clock.now()).toISOString();
    const details = { code: "audit_tail_lost", rules: [], count: 1 };
    const nobody = { userId: null, correlationId: null, address: null };
    return { type: "violation", details, id: newId(), time, ...nobody };
  }
}

/** The heads in a note of them. */
export function lostHeadsIn(note: string | null): ReportedHead[] {
  return note === null ? [] : JSON.parse(note);
}
