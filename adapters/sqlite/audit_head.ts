import { join } from "node:path";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { ChainHead } from "./audit_chain.ts";
import type { SqliteAuditLog } from "./audit_log.ts";
import { messageOf } from "./unavailable.ts";

const FILE = "audit_head.json";
/** Heads that the chain no longer held when the service was started. */
const LOST = /^audit_head\.lost-\d+\.json$/;

/** The head is written this often, while it changes. */
const WRITE_EVERY_MS = 1000;
/** It is logged as soon as one of these is reached. */
const LOG_EVERY_MS = 60_000;
const LOG_EVERY_EVENTS = 1000;

/** The head of a chain as it is kept apart from it. */
export interface KeptHead extends ChainHead {
  readonly instance: string;
  /** When it was written, ISO 8601 UTC. */
  readonly time: string;
}

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
  /** The kept head that the chain did not hold when it was opened, if so; its file stays. */
  readonly lost: KeptHead | null;
  readonly #parts: HeadKeeperParts;
  readonly #timer: ReturnType<typeof setInterval>;
  #kept = -1;
  #logged = { sequence: 0, at: 0 };
  #writing: Promise<void> = Promise.resolve();

  private constructor(parts: HeadKeeperParts, lost: KeptHead | null) {
    this.#parts = parts;
    this.lost = lost;
    this.#timer = setInterval(() => this.#look(), WRITE_EVERY_MS);
    Deno.unrefTimer(this.#timer);
    this.#look();
  }

  /** Holds the chain against the head that was kept before, and goes on keeping it. */
  static async open(parts: HeadKeeperParts): Promise<HeadKeeper> {
    const { directory, audit, log } = parts;
    const kept = await readHead(join(directory, FILE));
    if (kept === null || audit.holds(kept)) return new HeadKeeper(parts, null);
    const { sequence, hash } = kept;
    log.write("error", "audit_tail_lost", { sequence, hash, found: audit.head.sequence });
    await Deno.rename(join(directory, FILE), join(directory, `audit_head.lost-${sequence}.json`));
    return new HeadKeeper(parts, kept);
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
    this.#writing = this.#writing.then(() => writeHead(join(directory, FILE), head))
      .catch((error) => {
        this.#kept = -1;
        log.write("error", "audit_head_not_kept", { reason: messageOf(error) });
      });
  }
}

/** All heads that are kept in a directory: the latest, and those that were once lost. */
export async function readHeads(directory: string): Promise<KeptHead[]> {
  const heads: KeptHead[] = [];
  for await (const { name } of Deno.readDir(directory)) {
    if (name !== FILE && !LOST.test(name)) continue;
    const head = await readHead(join(directory, name));
    if (head !== null) heads.push(head);
  }
  return heads;
}

/** A rename is whole or not at all. */
async function writeHead(path: string, head: KeptHead): Promise<void> {
  const draft = `${path}.draft`;
  await Deno.writeTextFile(draft, `${JSON.stringify(head)}\n`, { mode: 0o600 });
  await Deno.rename(draft, path);
}

async function readHead(path: string): Promise<KeptHead | null> {
  try {
    return parseHead(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new Error(`Cannot read the audit's head '${path}': ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parseHead(text: string): KeptHead {
  const { instance, sequence, hash, time } = JSON.parse(text);
  if (!Number.isSafeInteger(sequence) || !/^[0-9a-f]{64}$/.test(hash)) {
    throw new Error("it is no head of a chain");
  }
  return { instance: String(instance), sequence, hash, time: String(time) };
}
