import { type ExecutionSummary, summaryOf } from "../../../domain/execution/summary.ts";
import type { Outbox } from "../../../domain/ports/outbox.ts";
import { decodeRecord } from "./body.ts";

/** Bytes of what waits that are read at once. */
const PART_BYTES = 8_388_608;

interface WaitingRun {
  readonly owner: string;
  readonly summary: ExecutionSummary;
}

/**
 * What there is of runs that the database has not yet, so that their owners see them beside those it has. Kept in
 * memory: what waits in the outbox may be long, and is read once, for what an earlier start has left there.
 */
export class WaitingRuns {
  readonly #outbox: Pick<Outbox, "after">;
  readonly #runs = new Map<string, WaitingRun>();
  #left: Promise<void> | null = null;

  constructor(outbox: Pick<Outbox, "after">) {
    this.#outbox = outbox;
  }

  /** The first under an id stays, as it does in the outbox. */
  add(owner: string, summary: ExecutionSummary): void {
    if (!this.#runs.has(summary.id)) this.#runs.set(summary.id, { owner, summary });
  }

  /** The database has it. */
  delete(id: string): void {
    this.#runs.delete(id);
  }

  /** An owner's; one that has just been handed over may be among them. */
  async of(owner: string): Promise<ExecutionSummary[]> {
    this.#left ??= this.#readLeft().catch((error) => {
      this.#left = null;
      throw error;
    });
    await this.#left;
    return [...this.#runs.values()].filter((run) => run.owner === owner)
      .map(({ summary }) => summary);
  }

  async #readLeft(): Promise<void> {
    for (let position = 0;;) {
      const entries = await this.#outbox.after(position, PART_BYTES);
      for (const { body } of entries) {
        const record = decodeRecord(body);
        this.add(record.owner, summaryOf(record));
      }
      const last = entries.at(-1);
      if (last === undefined) return;
      position = last.position;
    }
  }
}
