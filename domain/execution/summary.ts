import type { Job } from "./job.ts";
import type { ExecutionRecord } from "./outcome.ts";

/** What a list tells of a finished run: nothing that it was given, and nothing that it wrote. */
export type ExecutionSummary = Pick<
  ExecutionRecord,
  "id" | "language" | "outcome" | "createdAt" | "durationSeconds"
>;

/**
 * A part of a list by id, the last first. Ids made later sort later, so that what comes while somebody goes from
 * part to part stands before the first and moves nothing.
 */
export interface Page {
  /** 1 or more. */
  readonly limit: number;
  /** Only what sorts before this id; `null` for the first part. */
  readonly before: string | null;
}

/** A finished run, or a job that has not ended. */
export type ListedExecution = ExecutionSummary | Job;

/** A part of a list of runs. */
export interface ExecutionPage {
  /** By id, the last first: those asked for later stand before those asked for earlier. */
  readonly executions: readonly ListedExecution[];
  /** Where the next page goes on; `null` on the last one. */
  readonly next: string | null;
}

/** What a list tells of a run. */
export function summaryOf(record: ExecutionRecord): ExecutionSummary {
  const { id, language, outcome, createdAt, durationSeconds } = record;
  return { id, language, outcome, createdAt, durationSeconds };
}

/** The part of a list that a page asks for; of those with one id the first that is given. */
export function newestOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  { limit, before }: Page,
): Item[] {
  const known = new Map<string, Item>();
  for (const item of items) {
    if ((before === null || item.id < before) && !known.has(item.id)) known.set(item.id, item);
  }
  return [...known.values()].sort((one, other) => one.id < other.id ? 1 : -1).slice(0, limit);
}
