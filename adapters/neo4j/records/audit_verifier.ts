import { isDeepStrictEqual } from "node:util";
import { parseAuditText } from "../../../domain/audit/event.ts";
import type { ChainFault, ChainReport, ReportedHead } from "../../../domain/audit/chain_report.ts";
import { CHAIN_END, CHAINS, NEXT_INSTANCE, WALK } from "./audit_statements.ts";
import { hashOf, isPlaceOf, originOf, searchedIn } from "./chain.ts";
import { checkpointIn } from "./chain_transfer.ts";
import type { RecordsDatabase } from "./database.ts";

/** Faults that are told one by one; the others are counted. */
const MAX_FAULTS = 100;

/** What this machine knows of its own instance's chain, apart from the database. */
export interface OwnChain {
  readonly instance: string;
  /** Heads that were kept apart. */
  readonly heads: readonly ReportedHead[];
  /** Texts of the events that wait for the database. */
  readonly waiting: readonly string[];
}

/**
 * Verifies the chains of all instances, a page of events in memory at a time; changes nothing, and may go on
 * while services run.
 *
 * @throws {DomainError} `dependency_unavailable`.
 */
export async function verifyChains(
  database: Pick<RecordsDatabase, "read">,
  own: OwnChain | null,
): Promise<ChainReport[]> {
  const instances = await instancesIn(database);
  if (own !== null && own.heads.length > 0) instances.add(own.instance);
  const reports: ChainReport[] = [];
  for (const instance of [...instances].sort()) {
    const known = own?.instance === instance ? own : { instance, heads: [], waiting: [] };
    reports.push(await new ChainWalk(database, known).report());
  }
  return reports;
}

/** Those that have events, and those that have had some. */
async function instancesIn(database: Pick<RecordsDatabase, "read">): Promise<Set<string>> {
  const found = new Set<string>();
  for (const statement of [CHAINS, NEXT_INSTANCE]) {
    for (let after = "";;) {
      const rows = await database.read(statement, { after });
      for (const { instance } of rows) found.add(after = String(instance));
      if (rows.length === 0) break;
    }
  }
  return found;
}

/** One look along a chain that others may be adding to. */
class ChainWalk {
  readonly #database: Pick<RecordsDatabase, "read">;
  readonly #own: OwnChain;
  readonly #met = new Set<ReportedHead>();
  readonly #faults: ChainFault[] = [];
  /** What events of the chain say of trimmings, as `SEQUENCE:HASH`. */
  readonly #told = new Set<string>();
  #faultCount = 0;
  #count = 0;
  #first = 0;
  #checkpoint: ReportedHead | null = null;
  #last: ReportedHead;

  constructor(database: Pick<RecordsDatabase, "read">, own: OwnChain) {
    this.#database = database;
    this.#own = own;
    this.#last = { sequence: 0, hash: originOf(own.instance) };
  }

  async report(): Promise<ChainReport> {
    const { instance, heads, waiting } = this.#own;
    // Read first: the database is never behind what was noted before.
    const noted = await this.#readEnd();
    if (this.#checkpoint !== null) this.#last = this.#checkpoint;
    for (let after = this.#checkpoint?.sequence ?? 0;;) {
      const rows = await this.#database.read(WALK, { instance, after: BigInt(after) });
      for (const { sequence, event, hash, searched } of rows) {
        after = Number(sequence);
        await this.#step({ sequence: after, hash: String(hash) }, String(event), noted);
        if (isFound(after, String(event), Object(searched))) continue;
        this.#fault(after, "it is not searched for by what it says: no search may find it");
      }
      if (rows.length === 0) break;
    }
    this.#judgeEnd(noted);
    this.#judgeTrimming();
    return {
      ...{ instance, count: this.#count, first: this.#first, head: this.#last },
      ...{ checkpoint: this.#checkpoint, kept: heads, waiting: waiting.length },
      ...{ faults: this.#faults, faultCount: this.#faultCount },
    };
  }

  /** The end that the chain itself notes; `null` where nothing does. */
  async #readEnd(): Promise<ReportedHead | null> {
    const [row] = await this.#database.read(CHAIN_END, { instance: this.#own.instance });
    if (row === undefined) return null;
    this.#checkpoint = checkpointIn(row);
    return { sequence: Number(row["sequence"]), hash: String(row["hash"]) };
  }

  async #step(found: ReportedHead, event: string, noted: ReportedHead | null): Promise<void> {
    if (found.sequence !== this.#last.sequence + 1) await this.#judgeGap(found.sequence - 1);
    if (this.#count === 0) this.#first = found.sequence;
    this.#count += 1;
    const follows = found.sequence === this.#last.sequence + 1;
    if (follows && hashOf(this.#last.hash, found.sequence, event) !== found.hash) {
      this.#fault(found.sequence, "it is not what was written: its hash does not fit");
    }
    // From here on its own word counts, so that one fault is told once.
    this.#last = found;
    this.#told.add(trimmingIn(event));
    for (const head of noted === null ? this.#own.heads : [noted, ...this.#own.heads]) {
      if (head.sequence !== found.sequence) continue;
      this.#met.add(head);
      if (head.hash === found.hash) continue;
      const whose = head === noted ? "the chain's own end" : "the head kept apart";
      this.#fault(found.sequence, `${whose} has another hash for it: ${head.hash}`);
    }
  }

  /** Events that retention has taken since the walk began are not missing. */
  async #judgeGap(to: number): Promise<void> {
    const from = this.#last.sequence + 1;
    await this.#readEnd();
    const checkpoint = this.#checkpoint;
    if (checkpoint !== null && checkpoint.sequence >= from) this.#last = checkpoint;
    const missing = this.#last.sequence + 1;
    if (missing > to) return;
    this.#fault(missing, missing === to ? "it is missing" : `it and all up to ${to} are missing`);
  }

  #judgeEnd(noted: ReportedHead | null): void {
    const last = this.#last.sequence;
    if (noted === null) {
      this.#fault(null, "nothing notes the chain's end: a cut tail would not show");
    } else this.#judgeHead(noted, "the chain's own end", last);
    for (const head of this.#own.heads) this.#judgeHead(head, "the head kept apart", last);
  }

  #judgeHead(head: ReportedHead, whose: string, last: number): void {
    if (head.sequence > last) {
      const found = `is event ${head.sequence}, the last one found ${last}`;
      this.#fault(last + 1, `the end is missing: ${whose} ${found}`);
    } else if (head.sequence > (this.#checkpoint?.sequence ?? 0) && !this.#met.has(head)) {
      this.#fault(head.sequence, `${whose} names it, and it is missing`);
    }
  }

  /** Whoever makes up a trimming would have to make up an event of the chain, too. */
  #judgeTrimming(): void {
    if (this.#checkpoint === null) return;
    const { sequence, hash } = this.#checkpoint;
    for (const event of this.#own.waiting) this.#told.add(trimmingIn(event));
    if (this.#told.has(`${sequence}:${hash}`)) return;
    this.#fault(sequence, "its checkpoint is one that no event of the chain tells of");
  }

  /** Counts a fault, and tells the first of them. */
  #fault(sequence: number | null, what: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push({ sequence, what });
  }
}

/** Whether an event's other properties are what its text says; one that is no event has its own fault. */
function isFound(
  sequence: number,
  event: string,
  { place, ...searched }: Readonly<Record<string, unknown>>,
): boolean {
  try {
    return isPlaceOf(sequence, place) && isDeepStrictEqual(searched, searchedIn(event));
  } catch {
    return true;
  }
}

/** What an event tells of a trimming; empty where it tells of none. */
function trimmingIn(event: string): string {
  try {
    const { type, details } = parseAuditText(event);
    return type === "audit_trimmed" ? `${details.through_sequence}:${details.hash}` : "";
  } catch {
    // What is no event any more has a hash that does not fit.
    return "";
  }
}
