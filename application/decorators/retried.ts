import { DomainError, isFailure } from "../../domain/errors.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { Retrier } from "../../domain/resilience/retry.ts";
import { begin, continued } from "./first_step.ts";
import type { Method, StreamMethod } from "./guarded.ts";

/** How long a call may be tried again that has no time of its own, in seconds. */
const USUAL_SECONDS = 30;

/** The least time that a statement can be given, in seconds. */
const LEAST_QUERY_SECONDS = 0.1;

/** Tries a method again that fails for a moment, for so many seconds since it was asked. */
export function retriedMethod<Asked extends readonly unknown[], Done>(
  method: Method<Asked, Done>,
  retrier: Retrier,
  seconds: number = USUAL_SECONDS,
): Method<Asked, Done> {
  return (...asked) => {
    const signal = asked[asked.length - 1] as AbortSignal;
    return retrier.run(() => method(...asked), { signal, deadline: retrier.deadlineIn(seconds) });
  };
}

/** Tries the first step of a stream again: what has been given out cannot be taken back. */
export function retriedStream<Asked extends readonly unknown[], Item>(
  method: StreamMethod<Asked, Item>,
  retrier: Retrier,
): StreamMethod<Asked, Item> {
  const first = retriedMethod((...asked: [...Asked, AbortSignal]) => {
    return begin(() => method(...asked));
  }, retrier);
  return async function* (...asked) {
    yield* continued(await first(...asked));
  };
}

/** A reader that tries again; a statement has no more time for all attempts than it was given for one. */
export function retriedReader(reader: GraphReader, retrier: Retrier): GraphReader {
  return {
    query: (query, signal) => retriedQuery({ reader, retrier }, query, signal),
    metrics: retriedMethod((signal) => reader.metrics(signal), retrier),
    // Whoever cannot be told it does without.
    generation: (signal) => reader.generation(signal),
    entries: retriedStream((signal) => reader.entries(signal), retrier),
  };
}

/** A writer that tries again: its contract says that a repeated call changes nothing more. */
export function retriedWriter(writer: GraphWriter, retrier: Retrier): GraphWriter {
  return {
    upsert: retriedMethod((...asked) => writer.upsert(...asked), retrier),
    delete: retriedMethod((...asked) => writer.delete(...asked), retrier),
  };
}

async function retriedQuery(
  { reader, retrier }: { readonly reader: GraphReader; readonly retrier: Retrier },
  query: GraphQuery,
  signal: AbortSignal,
): Promise<GraphAnswer> {
  const end = retrier.deadlineIn(query.timeoutSeconds);
  const deadline = end - LEAST_QUERY_SECONDS * 1000;
  const attempt = (number: number) => {
    const left = Math.max(LEAST_QUERY_SECONDS, retrier.secondsUntil(end));
    return reader.query(number === 1 ? query : { ...query, timeoutSeconds: left }, signal);
  };
  try {
    return await retrier.run(attempt, { signal, deadline });
  } catch (error) {
    if (!isFailure(error, "query_timeout")) throw error;
    const { timeoutSeconds } = query;
    throw new DomainError({ code: "query_timeout", timeoutSeconds }, { cause: error });
  }
}
