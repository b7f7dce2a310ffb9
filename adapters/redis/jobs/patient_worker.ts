import { type Job, Worker } from "bullmq";
import { pause } from "./connection.ts";

/**
 * BullMQ's worker, which waits for `runRetryDelay` milliseconds where it could not ask for a job.
 *
 * BullMQ knows but a few of the client's errors as those of a connection, and asks again at once after any other.
 * A client that is offline refuses at once, too: both together go round without ever coming back to the event loop,
 * so that the connection is never made anew, and the whole process stands still.
 */
export class PatientWorker extends Worker {
  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await pause(this.opts.runRetryDelay ?? 0);
      throw error;
    }
  }
}
