import type { SQLOutputValue } from "node:sqlite";
import { DomainError } from "../../domain/errors.ts";
import type { JobBytes } from "../../domain/execution/job.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;

/** What there is of jobs that have not ended: `count` and `bytes` of one owner and of all, and how many run and wait. */
export interface CountedJobs {
  readonly mine: Row | undefined;
  readonly all: Row | undefined;
  readonly byState: Row | undefined;
}

/** What there may be. */
export interface JobBounds {
  readonly quota: number;
  readonly most: number;
  readonly mostBytes: JobBytes;
}

/** Why a job of so many bytes is not taken; `null`: it is. */
export function refusalOf(
  counted: CountedJobs,
  bytes: number,
  { quota, most, mostBytes }: JobBounds,
): DomainError | null {
  const [mine, all] = [weightOf(counted.mine), weightOf(counted.all)];
  const isHeavy = isTooMuch(mine.bytes, bytes, mostBytes.own);
  const own = mine.count >= quota
    ? { inHand: mine.count, allowed: quota }
    : isHeavy && { inHand: mine.bytes, allowed: mostBytes.own, unit: "bytes" as const };
  if (!own && all.count < most && !isTooMuch(all.bytes, bytes, mostBytes.all)) return null;
  const { running, queued } = counted.byState ?? {};
  return new DomainError({
    code: "too_many_executions",
    running: Number(running),
    waiting: Number(queued),
    ...(own && { own }),
    retryAfterSeconds: 1,
  });
}

function weightOf(row: Row | undefined): { readonly count: number; readonly bytes: number } {
  return { count: Number(row?.["count"]), bytes: Number(row?.["bytes"]) };
}

/** Whether so many bytes more are too much; nothing is where there are none yet. */
function isTooMuch(held: number, more: number, most: number): boolean {
  return held > 0 && held + more > most;
}
