import type { Clock } from "../../../domain/ports/clock.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import type { RevokedTokens } from "../../../domain/ports/revoked_tokens.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";
import { Handover } from "./handover.ts";
import { Repeated } from "./repeated.ts";

/** Keeps revocations, each as long as the longest that was asked for. */
export const KEEP_REVOKED = `UNWIND $rows AS row MERGE (t:RevokedToken {id: row.id})
  ON CREATE SET t.until = row.until, t.endless = row.until IS NULL
  SET t.endless = t.endless OR row.until IS NULL, t.changed = timestamp(),
    t.until = CASE WHEN row.until > coalesce(t.until, 0.0) THEN row.until ELSE t.until END`;
const CHANGED = `MATCH (t:RevokedToken) WHERE t.changed >= $since
  RETURN t.id AS id, t.until AS until, t.endless AS endless, t.changed AS changed`;

/** Takes what has lapsed; locked first, so that nothing is lost that somebody makes last longer meanwhile. */
const LAPSED = `MATCH (t:RevokedToken) WHERE t.until <= $now AND NOT t.endless WITH t LIMIT 1000
  SET t.lapsed = true WITH t WHERE t.until <= $now AND NOT t.endless DELETE t RETURN count(*) AS count`;

/** The statements of this store, whose plans must use an index. */
export const REVOCATION_STATEMENTS: readonly string[] = [
  ...[KEEP_REVOKED, CHANGED, LAPSED],
];

/** A change may become visible so much later than its own time, in milliseconds. */
const OVERLAP_MS = 60_000n;
/** Lapsed revocations do no harm, but for the room that they take. */
const FORGET_EVERY_MS = 3_600_000;

/** What sharing revocations takes. */
export interface Neo4jRevokedTokensParts {
  readonly database: RecordsDatabase;
  readonly outbox: Outbox;
  /** Durable, and of this instance alone: what is asked. */
  readonly local: RevokedTokens;
  readonly log: Log;
  /** How often what others have revoked is looked for. */
  readonly everyMs: number;
  readonly clock: Clock;
}

interface Revocation {
  readonly tokenId: string;
  readonly until: number | null;
}

/**
 * Revocations that instances share: each holds at once where it was made, and in the others once they have
 * looked, which they go on doing while the database comes and goes.
 */
export class Neo4jRevokedTokens implements RevokedTokens {
  readonly #parts: Neo4jRevokedTokensParts;
  readonly #handover: Handover;
  readonly #looking: Repeated;
  readonly #forgetting: Repeated;
  #since = 0n;
  /** Until when what was taken of late is revoked, by its id: it is looked at again, and not kept again. */
  readonly #taken = new Map<string, { readonly until: number | null; readonly changed: bigint }>();
  #closed = false;

  constructor(parts: Neo4jRevokedTokensParts) {
    this.#parts = parts;
    const { outbox, log, everyMs } = parts;
    const keep = (entries: readonly Waiting[]) => this.#keep(entries);
    this.#handover = new Handover({ name: "revocations", outbox, log, keep });
    const work = () => this.#look();
    this.#looking = new Repeated({ name: "revocations", log, everyMs, work });
    this.#forgetting = new Repeated({
      ...{ name: "lapsed revocations", log, everyMs: FORGET_EVERY_MS },
      work: () => this.#forgetLapsed(),
    });
  }

  /** Resolves when what others had revoked at the start is known, or could not be read. */
  get looked(): Promise<void> {
    return this.#looking.going;
  }

  async revoke(tokenId: string, until: number | null): Promise<void> {
    if (this.#closed) throw closedStore();
    const { local, outbox } = this.#parts;
    await local.revoke(tokenId, until);
    // The same token for longer is another entry.
    const id = JSON.stringify([tokenId, until]);
    await outbox.put(id, new TextEncoder().encode(JSON.stringify({ tokenId, until })));
    this.#handover.wake();
  }

  async isRevoked(tokenId: string): Promise<boolean> {
    if (this.#closed) throw closedStore();
    return await this.#parts.local.isRevoked(tokenId);
  }

  async isKept(tokenId: string, until: number | null): Promise<boolean> {
    if (this.#closed) throw closedStore();
    return await this.#parts.local.isKept(tokenId, until);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#looking[Symbol.asyncDispose]();
    await this.#forgetting[Symbol.asyncDispose]();
    await this.#handover[Symbol.asyncDispose]();
    await this.#parts.outbox[Symbol.asyncDispose]();
    await this.#parts.local[Symbol.asyncDispose]();
  }

  async #keep(entries: readonly Waiting[]): Promise<void> {
    const rows = entries.map(({ body }) => {
      const { tokenId, until }: Revocation = JSON.parse(new TextDecoder().decode(body));
      return { id: JSON.stringify(tokenId), until };
    });
    await this.#parts.database.write((run) => run(KEEP_REVOKED, { rows }));
  }

  async #look(): Promise<void> {
    const { database, local } = this.#parts;
    for (const row of await database.read(CHANGED, { since: this.#since - OVERLAP_MS })) {
      const [id, changed] = [String(row["id"]), BigInt(String(row["changed"]))];
      const until = row["endless"] === true ? null : Number(row["until"]);
      if (this.#taken.get(id)?.until === until) continue;
      const tokenId = JSON.parse(id);
      // At a start that is most of what there is: each would be a write.
      if (!await local.isKept(tokenId, until)) await local.revoke(tokenId, until);
      this.#taken.set(id, { until, changed });
      if (changed > this.#since) this.#since = changed;
    }
    for (const [id, { changed }] of this.#taken) {
      if (changed < this.#since - OVERLAP_MS) this.#taken.delete(id);
    }
  }

  async #forgetLapsed(): Promise<void> {
    const { clock, database } = this.#parts;
    const parameters = { now: clock.now() };
    for (let count = 1; count > 0 && !this.#closed;) {
      const { records: [row] } = await database.write((run) => run(LAPSED, parameters));
      count = Number(row?.get("count") ?? 0);
    }
  }
}
