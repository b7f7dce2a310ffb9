import type { Log } from "../../domain/ports/log.ts";
import type { Tracer } from "../../domain/ports/tracer.ts";
import { traceIdOf } from "../../domain/tracing/trace_context.ts";

/** Has each line say in which trace it was written, unless it says so itself. */
export function tracedLog(log: Log, tracer: Tracer): Log {
  return {
    write(level, event, fields) {
      const place = fields?.["trace_id"] === undefined ? tracer.current() : null;
      if (place === null) return log.write(level, event, fields);
      log.write(level, event, { trace_id: traceIdOf(place), ...fields });
    },
  };
}
