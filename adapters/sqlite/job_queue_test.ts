import { join } from "node:path";
import { jobQueueContract, type JobQueuePlace } from "../../tests/contracts/job_queue.ts";
import { openJobQueue } from "./job_queue.ts";

async function databaseFile(): Promise<JobQueuePlace> {
  const directory = await Deno.makeTempDir({ prefix: "jobs-" });
  const path = join(directory, "jobs.sqlite");
  return {
    open: (settings) => openJobQueue({ path, ...settings, clock: { now: () => Date.now() } }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

jobQueueContract("SqliteJobQueue", databaseFile, { durable: true });
