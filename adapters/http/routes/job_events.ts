import type { Context } from "hono";
import type { Application } from "../../../application/application.ts";
import type { ExecutionEvent } from "../../../application/watch_execution.ts";
import type { Job } from "../../../domain/execution/job.ts";
import type { JobEvent } from "../../../domain/ports/job_queue.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { wireStarted } from "../../wire/execution.ts";
import { wireStanding, wireStored } from "../../wire/jobs.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { EVENT_STREAM_HEADERS, EventStream } from "../event_stream.ts";
import { problemFor } from "../problem.ts";

/** Tells of a run while it lasts, as fast as its reader takes it. What is refused rejects instead. */
export async function streamEvents(
  c: Context<HttpEnv>,
  id: string,
  { application, log }: { readonly application: Application; readonly log: Log },
): Promise<Response> {
  const stream = new EventStream();
  const context = requestContext(c);
  const signal = AbortSignal.any([context.signal, stream.left]);
  const events = await application.watchExecution(id, { ...context, signal });
  void sendAll(stream, events).catch((error) => {
    stream.send("problem", problemFor(error, c, log));
    stream.end();
  });
  c.set("isWatch", true);
  return new Response(stream.body, { headers: EVENT_STREAM_HEADERS });
}

async function sendAll(stream: EventStream, events: AsyncIterable<ExecutionEvent>): Promise<void> {
  const left = Promise.withResolvers<void>();
  stream.left.addEventListener("abort", () => left.resolve(), { once: true });
  for await (const event of events) {
    const [name, data] = await wireEvent(event);
    if (stream.left.aborted) return;
    // Nobody takes what was sent to a reader who left.
    await Promise.race([stream.send(name, data), left.promise]);
  }
  stream.end();
}

async function wireEvent(event: ExecutionEvent): Promise<[name: string, data: object]> {
  switch (event.kind) {
    case "standing":
      return ["status", wireStanding(event.job)];
    case "result":
      return ["result", await wireStored(event.record)];
    case "heard":
      return wireHeard(event.job, event.event);
  }
}

function wireHeard(job: Job, event: JobEvent): [name: string, data: object] {
  switch (event.kind) {
    case "started":
      return ["started", { ...wireStarted(job), attempt: event.attempt }];
    case "wrote":
      return [event.stream, { text: event.text }];
    case "omitted":
      return ["omitted", { bytes: event.bytes }];
  }
}
