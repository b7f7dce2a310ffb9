import type { Context } from "hono";
import type { Application } from "../../../application/application.ts";
import type { ExecuteCode } from "../../../application/execute_code.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { wireExecution, wireStarted } from "../../wire/execution.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { EVENT_STREAM_HEADERS, EventStream } from "../event_stream.ts";
import { problemFor } from "../problem.ts";

/**
 * Runs a program and answers with events: `started`, then `stdout` and `stderr` as they come, then one
 * `result`, or `problem` when the run fails. What is refused before the start rejects instead. The reader
 * that leaves ends the run.
 */
export async function streamExecution(
  c: Context<HttpEnv>,
  command: ExecuteCode,
  { application, log }: { readonly application: Application; readonly log: Log },
): Promise<Response> {
  const events = new EventStream();
  const context = requestContext(c);
  const signal = AbortSignal.any([context.signal, events.left]);
  const begun = Promise.withResolvers<void>();
  let hasBegun = false;
  const done = application.executeCode(command, { ...context, signal }, {
    started(execution) {
      events.send("started", wireStarted(execution));
      hasBegun = true;
      begun.resolve();
    },
    wrote: (stream, text) => events.send(stream, { text }),
  });
  done.then(wireExecution).then((result) => {
    events.send("result", result);
    events.end();
  }, (error) => {
    if (!hasBegun) return begun.reject(error);
    const problem = problemFor(error, c, log);
    log.write("warn", "execution_stream_failed", {
      code: problem.code,
      correlation_id: problem.correlation_id,
    });
    events.send("problem", problem);
    events.end();
  });
  await begun.promise;
  return new Response(events.body, { headers: EVENT_STREAM_HEADERS });
}
