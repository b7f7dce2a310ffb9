import type { Notes } from "../../../domain/ports/outbox.ts";
import type { ChainPlace, EntryOf, RecordsEntry } from "../../../domain/records/entry.ts";
import type { Run } from "../transaction.ts";
import { HEAD_NOTE } from "./audit_log.ts";
import { ADD, CHAIN, CHAINS, END, IN_PLACES, THROUGH, WALK } from "./audit_statements.ts";
import { type ChainEnd, numberOf, originOf, rowOf } from "./chain.ts";
import type { RecordsDatabase } from "./database.ts";
import { INSTANCE_NOTE } from "./open.ts";

/** A chain as it stands, under its lock. */
interface Locked extends ChainEnd {
  /** The last event that retention has taken; 0: none. */
  readonly through: number;
}

/** The audit chains of a database, as they are moved out and in: every text and hash as it stands. */
export class ChainTransfer {
  readonly #database: RecordsDatabase;
  readonly #notes: Notes;

  constructor(database: RecordsDatabase, notes: Notes) {
    this.#database = database;
    this.#notes = notes;
  }

  /** Every chain, each followed by its events. */
  async *entries(): AsyncGenerator<RecordsEntry> {
    for (let after = "";;) {
      const rows = await this.#database.read(CHAINS, { after });
      for (const row of rows) {
        after = String(row["instance"]);
        yield* this.#chain(after, checkpointIn(row));
      }
      if (rows.length === 0) return;
    }
  }

  /**
   * A chain that comes alone is gone on with by this instance, unless that has one already: so it is one
   * chain still when the records move back.
   */
  prepare(instances: readonly string[]): void {
    const [instance, ...others] = instances;
    if (instance === undefined || others.length > 0) return;
    if (this.#notes.read(INSTANCE_NOTE) === null) this.#notes.write(INSTANCE_NOTE, instance);
  }

  /** Makes a chain, with what retention has taken of it, unless it is there. */
  async begin({ instance, checkpoint }: EntryOf<"audit_chain">): Promise<void> {
    const end = await this.#database.write(async (run) => {
      const chain = await locked(run, instance);
      if (checkpoint !== null && checkpoint.sequence > chain.through) {
        const { sequence, hash } = checkpoint;
        await run(THROUGH, { instance, through: BigInt(sequence), hash });
      }
      return await ended(run, instance, later(chain, checkpoint));
    });
    this.#note(instance, end);
  }

  /** Adds events of one chain that are not there; all or none. */
  async add(events: readonly EntryOf<"audit_event">[]): Promise<void> {
    for (const [instance, own] of Map.groupBy(events, ({ instance }) => instance)) {
      const end = await this.#database.write((run) => added(run, instance, own));
      if (typeof end === "number") {
        throw new Error(
          `another event stands in the place ${end} of the instance ` +
            `${instance}'s chain`,
        );
      }
      this.#note(instance, end);
    }
  }

  async *#chain(instance: string, checkpoint: ChainPlace | null): AsyncGenerator<RecordsEntry> {
    yield { kind: "audit_chain", instance, checkpoint };
    for (let after = checkpoint?.sequence ?? 0;;) {
      const rows = await this.#database.read(WALK, { instance, after: BigInt(after) });
      for (const { sequence, event, hash } of rows) {
        after = Number(sequence);
        const texts = { event: String(event), hash: String(hash) };
        yield { kind: "audit_event", instance, sequence: after, ...texts };
      }
      if (rows.length === 0) return;
    }
  }

  /** The end of this instance's own chain is noted apart from the database. */
  #note(instance: string, { sequence, hash, number }: ChainEnd): void {
    if (this.#notes.read(INSTANCE_NOTE) !== instance) return;
    this.#notes.write(HEAD_NOTE, JSON.stringify({ sequence, hash, number }));
  }
}

/** What retention has taken of a chain. */
export function checkpointIn(row: Readonly<Record<string, unknown>>): ChainPlace | null {
  const sequence = Number(row["through"] ?? 0);
  return sequence === 0 ? null : { sequence, hash: String(row["throughHash"]) };
}

/** The chain's end from then on; where another event stands in an event's place, that place. */
async function added(
  run: Run,
  instance: string,
  events: readonly EntryOf<"audit_event">[],
): Promise<ChainEnd | number> {
  const chain = await locked(run, instance);
  const sequences = events.map(({ sequence }) => BigInt(sequence));
  const { records } = await run(IN_PLACES, { instance, sequences });
  const there = new Map(records.map((row) => [Number(row.get("sequence")), row.toObject()]));
  let end: ChainEnd = chain;
  const rows: unknown[] = [];
  for (const { sequence, event, hash } of events) {
    const found = there.get(sequence);
    if (found !== undefined && (found["hash"] !== hash || found["event"] !== event)) {
      return sequence;
    }
    if (found !== undefined || sequence <= chain.through) continue;
    const place = { sequence, hash, number: chain.number };
    rows.push(rowOf(event, place, instance));
    end = later(end, place);
  }
  await run(ADD, { rows });
  return await ended(run, instance, end);
}

async function locked(run: Run, instance: string): Promise<Locked> {
  const { records: [row] } = await run(CHAIN, { instance, origin: originOf(instance) });
  const number = await numberOf(run, row?.get("number") ?? null);
  const through = Number(row?.get("through") ?? 0);
  return {
    sequence: Number(row?.get("sequence")),
    hash: String(row?.get("hash")),
    number,
    through,
  };
}

async function ended(run: Run, instance: string, end: ChainEnd): Promise<ChainEnd> {
  const { sequence, hash, number } = end;
  await run(END, { instance, sequence: BigInt(sequence), hash, number: BigInt(number) });
  return { sequence, hash, number };
}

function later(end: ChainEnd, place: ChainPlace | null): ChainEnd {
  if (place === null || place.sequence <= end.sequence) return end;
  return { sequence: place.sequence, hash: place.hash, number: end.number };
}
