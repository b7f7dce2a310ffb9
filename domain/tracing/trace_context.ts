/** A place in a trace that other work goes on from, as W3C Trace Context has it. */
export interface TraceContext {
  /** Version 00: `00-TRACE-SPAN-FLAGS`. */
  readonly traceparent: string;
  /** What vendors have put there; `null`: nothing. */
  readonly tracestate: string | null;
}

const TRACE_PARENT =
  /^(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-|$)/;
/** What the standard asks everyone to pass on at least. */
const MOST_STATE_LENGTH = 512;

/**
 * The place that these values name, if they do; whoever sends them may send anything. Of versions later
 * than 00 only the first fields are known, and version 00 has no others.
 */
export function traceContextOf(traceparent: unknown, tracestate: unknown): TraceContext | null {
  if (typeof traceparent !== "string") return null;
  const [, fields, more] = TRACE_PARENT.exec(traceparent) ?? [];
  if (fields === undefined || (more === "-" && traceparent.startsWith("00"))) return null;
  const isState = typeof tracestate === "string" && tracestate !== "" &&
    tracestate.length <= MOST_STATE_LENGTH;
  return { traceparent: `00-${fields}`, tracestate: isState ? tracestate : null };
}

/** The id of the trace: 32 hexadecimal digits. */
export function traceIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35);
}
