import { type DatabaseOptions, openDatabase } from "./database.ts";
import { LocalJobQueue } from "./local_job_queue.ts";
import { type JobStoreOptions, SqliteJobStore } from "./sqlite_job_store.ts";
import { messageOf } from "./unavailable.ts";

/** Where and for how long jobs are kept. */
export interface JobQueueOptions extends DatabaseOptions, Omit<JobStoreOptions, "database"> {}

/**
 * Opens a queue of jobs in a database of its own, for one process at a time: the lock on the data
 * directory is the lease of all that run. What ran when it was last open is taken again at once.
 *
 * @throws {Error} "Cannot open the jobs ..." where its file cannot be used.
 */
export async function openJobQueue({ path, ...rest }: JobQueueOptions): Promise<LocalJobQueue> {
  const database = openDatabase({ path });
  try {
    return new LocalJobQueue(new SqliteJobStore({ ...rest, database }), database);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw new Error(`Cannot open the jobs '${path}': ${messageOf(error)}`, { cause: error });
  }
}
