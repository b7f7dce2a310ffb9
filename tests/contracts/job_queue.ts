import { CROWD_CASES } from "./job_queue_crowds.ts";
import { ENDING_CASES } from "./job_queue_endings.ts";
import { ENTRY_CASES } from "./job_queue_entries.ts";
import { LOSS_CASES } from "./job_queue_losses.ts";
import { type JobQueuePlace, LASTING } from "./job_queue_samples.ts";

export type { JobQueuePlace, JobQueueSettings, OpenJobQueue } from "./job_queue_samples.ts";

/** What an implementation may do one way or the other; each way has its own test. */
export interface JobQueueFeatures {
  /** Whether jobs outlive the closing of the queue. */
  readonly durable: boolean;
}

/** Holds an implementation of the ports of `job_queue.ts` to their contract. */
export function jobQueueContract(
  name: string,
  place: () => Promise<JobQueuePlace>,
  { durable }: JobQueueFeatures,
  options: { readonly ignore?: boolean } = {},
): void {
  for (
    const { behaviour, check, ...settings } of [...ENTRY_CASES, ...ENDING_CASES, ...CROWD_CASES]
  ) {
    Deno.test(`${name}: ${behaviour} [B7]`, options, async () => {
      await using kept = await place();
      await using queue = await kept.open({ ...LASTING, ...settings });
      await check(queue);
    });
  }
  for (const { behaviour, check } of durable ? LOSS_CASES : []) {
    Deno.test(`${name}: ${behaviour} [B7]`, options, async () => {
      await using kept = await place();
      await check(kept);
    });
  }
}
