import { type DatabaseOptions, openDatabase } from "./database.ts";
import { LocalJobQueue } from "./local_job_queue.ts";
import { type JobStoreOptions, SqliteJobStore } from "./sqlite_job_store.ts";
import { messageOf } from "./unavailable.ts";

const FORGET_MS = 60_000;

/** Where and for how long jobs are kept. */
export interface JobQueueOptions extends DatabaseOptions, Omit<JobStoreOptions, "database"> {}

/**
 * Opens a queue of jobs in a database of its own, for one process at a time: the lock on the data
 * directory is the lease of all that run. What ran when it was last open is taken again at once.
 *
 * @throws {Error} "Cannot open the jobs ..." where its file cannot be used.
 */
export async function openJobQueue({ path, ...rest }: JobQueueOptions): Promise<LocalJobQueue> {
  await using stack = new AsyncDisposableStack();
  try {
    const database = stack.use(openDatabase({ path }));
    const store = new SqliteJobStore({ ...rest, database });
    // Until it is removed, nobody sees what is old.
    const forgetting = setInterval(() => void store.forget().catch(() => {}), FORGET_MS);
    Deno.unrefTimer(forgetting);
    stack.defer(() => clearInterval(forgetting));
    return new LocalJobQueue(store, stack.move());
  } catch (error) {
    throw new Error(`Cannot open the jobs '${path}': ${messageOf(error)}`, { cause: error });
  }
}
