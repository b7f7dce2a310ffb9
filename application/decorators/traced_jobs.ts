import type { JobEvents, JobQueue, OpenJobs, RunJob } from "../../domain/ports/job_queue.ts";
import { traceContextOf } from "../../domain/tracing/trace_context.ts";
import type { Tracer } from "../../domain/ports/tracer.ts";

/** A queue as use cases have it. */
type AskedQueue = JobQueue & JobEvents & OpenJobs & { ping(): Promise<void> };

/** Has what is asked of the queue be spans, and a job take along where its run goes on from. */
export function tracedQueue(queue: AskedQueue, tracer: Tracer): AskedQueue {
  return {
    add: (job, quota) =>
      tracer.span({ name: "jobs add", kind: "producer" }, (span) => {
        const trace = span.context ?? tracer.current();
        return queue.add(trace === null ? job : { ...job, trace }, quota);
      }),
    find: (id) => tracer.span({ name: "jobs find", kind: "client" }, () => queue.find(id)),
    cancel: (id) => tracer.span({ name: "jobs cancel", kind: "client" }, () => queue.cancel(id)),
    open: (owner, page) =>
      tracer.span({ name: "jobs open", kind: "client" }, () => queue.open(owner, page)),
    dead: (limit) => queue.dead(limit),
    watch: (id, signal) => queue.watch(id, signal),
    ping: () => queue.ping(),
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}

/** Has each attempt at a job be a span of the trace in which the job was asked for. */
export function tracedJobs(run: RunJob, tracer: Tracer): RunJob {
  return (taken) => {
    const { id, trace, language, attempts, correlationId } = taken.job;
    // Where jobs are shared, others can write there.
    const parent = traceContextOf(trace?.traceparent, trace?.tracestate);
    const attributes = {
      "ultimate_mcp.execution_id": id,
      "ultimate_mcp.language": language,
      "ultimate_mcp.attempt": attempts,
      "ultimate_mcp.correlation_id": correlationId,
    };
    const start = { name: "job", kind: "consumer", parent, attributes } as const;
    return tracer.entry(start, async (span) => {
      const end = await run(taken);
      span.set({ "ultimate_mcp.outcome": end.end });
      if (end.end === "dead") span.set({ "error.type": end.failure.code });
      return end;
    });
  };
}
