import type { FoundExecution, Job } from "../domain/execution/job.ts";
import type { ExecutionPage, Page } from "../domain/execution/summary.ts";
import type { AddedJob, JobEvents, JobQueue, OpenJobs } from "../domain/ports/job_queue.ts";
import { cancelExecution } from "./cancel_execution.ts";
import { getExecution, type GetExecutionParts } from "./get_execution.ts";
import { listDeadExecutions } from "./list_dead_executions.ts";
import { listExecutions } from "./list_executions.ts";
import {
  type QueueExecution,
  queueExecution,
  type QueueExecutionParts,
} from "./queue_execution.ts";
import type { RequestContext } from "./request_context.ts";
import {
  type ExecutionEvent,
  watchExecution,
  type WatchExecutionParts,
} from "./watch_execution.ts";
import { Watchers, type WatchersParts } from "./watchers.ts";

/** What an inbound adapter may ask of runs that outlive their requests, and of those that are kept. */
export interface JobUseCases {
  queueExecution(command: QueueExecution, context: RequestContext): Promise<AddedJob>;
  getExecution(id: string, context: RequestContext): Promise<FoundExecution>;
  cancelExecution(id: string, context: RequestContext): Promise<FoundExecution>;
  watchExecution(id: string, context: RequestContext): Promise<AsyncIterable<ExecutionEvent>>;
  /** The caller's own. */
  listExecutions(page: Page, context: RequestContext): Promise<ExecutionPage>;
  listDeadExecutions(limit: number, context: RequestContext): Promise<readonly Job[]>;
}

/** What the use cases of jobs work with. */
export interface JobParts
  extends
    Omit<QueueExecutionParts, "queue">,
    Pick<GetExecutionParts, "records">,
    WatchersParts,
    Pick<WatchExecutionParts, "sleep"> {
  readonly queue: JobQueue & JobEvents & OpenJobs;
}

/** The use cases of jobs. */
export function jobUseCases(parts: JobParts): JobUseCases {
  const watchers = new Watchers(parts);
  const found = { ...parts, jobs: parts.queue, events: parts.queue, watchers };
  return {
    queueExecution: (...asked) => queueExecution(parts, ...asked),
    getExecution: (...asked) => getExecution(found, ...asked),
    cancelExecution: (...asked) => cancelExecution(found, ...asked),
    watchExecution: (...asked) => watchExecution(found, ...asked),
    listExecutions: (...asked) => listExecutions(found, ...asked),
    listDeadExecutions: (...asked) => listDeadExecutions(found, ...asked),
  };
}
