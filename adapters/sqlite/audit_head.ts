import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { SqliteAuditLog } from "./audit_log.ts";
import { findHead, type KeptHead, loseHead, writeHead } from "./audit_head_file.ts";
import { messageOf } from "./unavailable.ts";

/** The head is written this often, while it changes. */
const WRITE_EVERY_MS = 1000;
/** It is logged as soon as one of these is reached. */
const LOG_EVERY_MS = 60_000;
const LOG_EVERY_EVENTS = 1000;

/** What was found at a start that speaks against the chain. */
export type HeadViolation =
  /** The head kept apart says more, or something else, than the chain. */
  | "audit_tail_lost"
  /** Events went by a trimming that the head kept apart does not know of. */
  | "audit_trimming_unknown"
  /** There are events and no head. */
  | "audit_head_missing"
  | "audit_head_unreadable";

/** What the keeper of the head works with. */
export interface HeadKeeperParts {
  readonly directory: string;
  readonly audit: SqliteAuditLog;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps the chain's head in a file of its own beside the database (`audit_head.json`, mode 0600) and
 * tells it to the log now and then, so that a chain that was cut off at its end shows.
 */
export class HeadKeeper implements AsyncDisposable {
  /** What was found when it was opened; the file that does not go with the chain stays. */
  readonly violation: HeadViolation | null;
  readonly #parts: HeadKeeperParts;
  readonly #timer: ReturnType<typeof setInterval>;
  /** The head that is being written, or was; -1 when that has failed. */
  #kept = -1;
  /** The head that is on the disk. */
  #written = -1;
  #logged = { sequence: 0, at: 0 };
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: HeadKeeperParts, violation: HeadViolation | null) {
    this.#parts = parts;
    this.violation = violation;
    this.#timer = setInterval(() => this.#look(), WRITE_EVERY_MS);
    Deno.unrefTimer(this.#timer);
    this.#look();
  }

  /** Holds the chain against the head that was kept before, and goes on keeping it. */
  static async open(parts: HeadKeeperParts): Promise<HeadKeeper> {
    const keeper = new HeadKeeper(parts, await judged(parts));
    // From its first event on a chain has a head.
    await keeper.#writing;
    return keeper;
  }

  /** Keeps and logs the head as it is now. @throws {Error} when it cannot be kept. */
  async keep(): Promise<void> {
    const { sequence } = this.#parts.audit.head;
    this.#tell();
    this.#write();
    await this.#writing;
    if (this.#written < sequence) throw new Error("the audit's head cannot be kept");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#look();
    this.#tell();
    await this.#writing;
  }

  #look(): void {
    const { sequence } = this.#parts.audit.head;
    const now = this.#parts.clock.monotonic();
    const many = sequence >= this.#logged.sequence + LOG_EVERY_EVENTS;
    if (many || now >= this.#logged.at + LOG_EVERY_MS) this.#tell();
    if (sequence !== this.#kept) this.#write();
  }

  #tell(): void {
    const { audit: { head: { sequence, hash }, instance }, log, clock } = this.#parts;
    if (sequence > this.#logged.sequence) {
      log.write("info", "audit_head", { instance, sequence, hash });
    }
    this.#logged = { sequence, at: clock.monotonic() };
  }

  #write(): void {
    const { directory, audit, clock, log } = this.#parts;
    const time = new Date(clock.now()).toISOString();
    const head: KeptHead = { instance: audit.instance, ...audit.head, time };
    this.#kept = head.sequence;
    this.#writing = this.#writing.then(() => writeHead(directory, head)).then(() => {
      this.#written = head.sequence;
    }, (error) => {
      this.#kept = -1;
      log.write("error", "audit_head_not_kept", { reason: messageOf(error) });
    });
  }
}

/** What speaks against the chain; the head that does is put aside, and logged. */
async function judged(parts: HeadKeeperParts): Promise<HeadViolation | null> {
  const { directory, audit, clock, log } = parts;
  const { head, unreadable } = await findHead(directory);
  const found = audit.head.sequence;
  if (unreadable !== null) {
    const file = await loseHead(directory, clock.now());
    log.write("error", "audit_head_unreadable", { reason: unreadable, file, found });
    return "audit_head_unreadable";
  }
  if (head === null) {
    if (found === 0) return null;
    log.write("error", "audit_head_missing", { found });
    return "audit_head_missing";
  }
  const violation = head.instance !== audit.instance || !audit.holds(head)
    ? "audit_tail_lost"
    : audit.isTrimmedBeyond(head)
    ? "audit_trimming_unknown"
    : null;
  if (violation === null) return null;
  const { sequence, hash } = head;
  const file = await loseHead(directory, clock.now());
  log.write("error", violation, { sequence, hash, file, found });
  return violation;
}
