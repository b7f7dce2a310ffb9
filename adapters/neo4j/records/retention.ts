import type { AuditEvent } from "../../../domain/audit/event.ts";
import type { Clock } from "../../../domain/ports/clock.ts";
import type { AuditLog } from "../../../domain/ports/audit_log.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { CHAIN_END, OLDEST, REMOVE, THROUGH } from "./audit_statements.ts";
import type { RecordsDatabase } from "./database.ts";
import { Repeated } from "./repeated.ts";

const DAY_MS = 24 * 3600 * 1000;

/** How old events go. */
export interface RetentionOptions {
  readonly database: RecordsDatabase;
  readonly audit: AuditLog;
  readonly instance: string;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
}

interface Old {
  readonly through: number;
  readonly hash: string;
  readonly count: number;
}

/**
 * Has the oldest events of this instance's chain go, now and daily. An event in the chain tells of it before
 * anything goes, and the chain keeps the hash that it goes on from. A kill in between leaves a chain that
 * verifies, and the next trimming goes on.
 */
export class Neo4jRetention implements AsyncDisposable {
  readonly #options: RetentionOptions;
  readonly #trimming: Repeated;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    const work = () => this.#trim();
    this.#trimming = new Repeated({ name: "retention", log: options.log, everyMs: DAY_MS, work });
  }

  /** Resolves when the trimming that is going on is done. */
  get trimmed(): Promise<void> {
    return this.#trimming.going;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#trimming[Symbol.asyncDispose]();
  }

  async #trim(): Promise<void> {
    const { database, audit, instance, log } = this.#options;
    const [chain] = await database.read(CHAIN_END, { instance });
    const before = Number(chain?.["through"] ?? 0);
    const old = await this.#old(before);
    if (old !== null) {
      await audit.append(this.#eventOf(old));
      const { through, hash } = old;
      await database.write((run) => run(THROUGH, { instance, through: BigInt(through), hash }));
    }
    const through = BigInt(old?.through ?? before);
    while (!this.#closed && through > 0n) {
      const { records: [row] } = await database.write((run) => run(REMOVE, { instance, through }));
      if (Number(row?.get("count") ?? 0) === 0) break;
    }
    if (old === null) return;
    const { through: through_sequence, hash, count } = old;
    log.write("info", "audit_trimmed", { through_sequence, hash, count });
  }

  /** The events from the oldest on that are old; `null` when there is none. */
  async #old(after: number): Promise<Old | null> {
    const { clock, database, instance, retentionDays } = this.#options;
    const before = new Date(clock.now() - retentionDays * DAY_MS).toISOString();
    let old: Old | null = null;
    while (!this.#closed) {
      const from: number = old?.through ?? after;
      const rows = await database.read(OLDEST, { instance, after: BigInt(from) });
      for (const row of rows) {
        if (String(row["time"]) >= before) return old;
        const count: number = (old?.count ?? 0) + 1;
        old = { through: Number(row["sequence"]), hash: String(row["hash"]), count };
      }
      if (rows.length === 0) return old;
    }
    return null;
  }

  /** What the log tells of itself, in the name of nobody. */
  #eventOf({ through, hash, count }: Old): AuditEvent {
    const { clock, newId } = this.#options;
    const time = new Date(clock.now()).toISOString();
    const nobody = { userId: null, correlationId: null, address: null };
    const details = { through_sequence: through, hash, count };
    return { type: "audit_trimmed", details, id: newId(), time, ...nobody };
  }
}
