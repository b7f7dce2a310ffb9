import type { Job } from "../domain/execution/job.ts";
import type { JobQueue } from "../domain/ports/job_queue.ts";
import type { Log } from "../domain/ports/log.ts";
import { type Audit, jobActor } from "./audit_trail.ts";

/** Dead jobs that are asked for at first, and at most. */
const FIRST = 100;
const MOST = 10_000;

/** What a {@link DeadJobWatch} works with. */
export interface DeadJobWatchParts {
  readonly jobs: Pick<JobQueue, "dead">;
  readonly audit: Audit;
  readonly sha256: (text: string) => string;
  readonly log: Log;
}

/**
 * Tells the audit of each job that could not be run, whoever found that out: a worker, the queue that takes
 * back what a lost worker had, or the next start. The event's id follows from the job's, so that what several
 * instances tell, or one again after its start, is kept once.
 */
export class DeadJobWatch {
  readonly #parts: DeadJobWatchParts;
  readonly #told = new Set<string>();
  #looking: Promise<void> | null = null;
  #failing = false;

  constructor(parts: DeadJobWatchParts) {
    this.#parts = parts;
  }

  /** Tells of those that are new. Never rejects: what cannot be told now is told by the next look. */
  async look(): Promise<void> {
    this.#looking ??= this.#tellAll().finally(() => this.#looking = null);
    await this.#looking;
  }

  async #tellAll(): Promise<void> {
    try {
      for (const job of await this.#untold()) await this.#tell(job);
      this.#failing = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) this.#parts.log.write("warn", "dead_jobs_not_told", { reason });
      this.#failing = true;
    }
  }

  /** The first to die first; more are asked for while none of what came is known. */
  async #untold(): Promise<Job[]> {
    for (let limit = FIRST;; limit *= 10) {
      const dead = await this.#parts.jobs.dead(limit);
      const untold = dead.filter(({ id }) => !this.#told.has(id));
      const isAll = untold.length < dead.length || dead.length < limit;
      if (isAll || limit >= MOST) return untold.reverse();
    }
  }

  async #tell(
    job: Job,
  ): Promise<void> {
    const { id, language, failure, attempts } = job;
    const { audit, sha256 } = this.#parts;
    const code = failure?.code ?? "unknown";
    const details = { execution_id: id, language, code, attempts };
    const fact = { type: "execution_abandoned", details } as const;
    await audit.record(fact, jobActor(job), eventIdOf(id, sha256));
    this.#told.add(id);
    const [oldest] = this.#told;
    if (this.#told.size > 2 * MOST && oldest !== undefined) this.#told.delete(oldest);
  }
}

/** A UUID version 7 of the job's own time. */
function eventIdOf(jobId: string, sha256: DeadJobWatchParts["sha256"]): string {
  const digest = sha256(`execution_abandoned ${jobId}`);
  const [a, b, c] = [digest.slice(0, 3), digest.slice(3, 6), digest.slice(6, 18)];
  return `${jobId.slice(0, 14)}7${a}-8${b}-${c}`;
}
