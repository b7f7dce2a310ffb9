import { LocalJobQueue } from "../../adapters/sqlite/local_job_queue.ts";
import { sha256 } from "../../adapters/system/digest.ts";
import { sleep } from "../../adapters/system/sleep.ts";
import type { Audit } from "../../application/audit_trail.ts";
import { type JobUseCases, jobUseCases } from "../../application/job_use_cases.ts";
import { isFailure } from "../../domain/errors.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import { newestOf, summaryOf } from "../../domain/execution/summary.ts";
import type { JobWorker } from "../../domain/ports/job_queue.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";
import { CEILINGS, FILE_CAPS } from "../fixtures/ceilings.ts";
import type { FakeApplication } from "./fake_application.ts";
import { fakeRecord } from "./fake_record.ts";
import { ManualClock } from "./manual_clock.ts";
import { MapJobStore } from "./map_job_store.ts";

/** Jobs that one user may have. */
export const FAKE_QUOTA = 3;

const NOTHING = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** A queue in memory; nobody works on it. */
export function fakeQueue(): LocalJobQueue {
  return new LocalJobQueue(new MapJobStore(3600), NOTHING);
}

/** The use cases of jobs over a map of records. */
export function fakeJobUseCases(
  { records, jobs, audit, revokedTokens }: {
    readonly records: ReadonlyMap<string, ExecutionRecord>;
    readonly jobs: LocalJobQueue;
    readonly audit: Audit;
    readonly revokedTokens: RevokedTokens;
  },
): JobUseCases {
  let made = 0;
  return jobUseCases({
    queue: jobs,
    quota: FAKE_QUOTA,
    records: {
      save: () => Promise.resolve(),
      find: (id) => Promise.resolve(records.get(id) ?? null),
      list: (owner, page) => {
        const mine = [...records.values()].filter((record) => record.owner === owner);
        return Promise.resolve(newestOf(mine, page).map(summaryOf));
      },
      ping: () => Promise.resolve(),
      ...NOTHING,
    },
    audit,
    revokedTokens,
    sha256,
    ceilings: CEILINGS,
    fileCaps: FILE_CAPS,
    clock: new ManualClock(),
    newId: () => `01890000-0000-7000-9000-${String(++made).padStart(12, "0")}`,
    sleep,
  });
}

/** Works on an application's jobs: their programs are its programs. */
export function workOn({ jobs, programs, records }: FakeApplication): JobWorker {
  return jobs.work(async ({ job, signal, wrote, ...taken }) => {
    const request = await taken.request();
    taken.started();
    const principal = { subject: job.owner, roles: [] };
    const context = { principal, correlationId: job.correlationId, signal };
    const command = { ...request, outputs: request.outputs.patterns };
    const program = programs.get(request.code) ?? (() => ({ stdout: request.code }));
    const before = { ...fakeRecord(command, context, 0), id: job.id, attempts: job.attempts };
    try {
      const heard = { started: () => {}, wrote };
      records.set(job.id, { ...before, ...await program(command, context, heard) });
      return { end: "done" };
    } catch (error) {
      if (isFailure(error, "cancelled")) return { end: "cancelled" };
      if (isFailure(error, "code_rejected")) return { end: "dead", failure: error.failure };
      throw error;
    }
  }, { concurrency: 1 });
}
