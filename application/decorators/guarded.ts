import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { CircuitBreaker } from "../../domain/resilience/circuit_breaker.ts";
import { begin, continued } from "./first_step.ts";

/** A method of a port that takes the caller's signal last. */
export type Method<Asked extends readonly unknown[], Done> = (
  ...asked: [...Asked, AbortSignal]
) => Promise<Done>;

/** A method of a port that gives one thing after another. */
export type StreamMethod<Asked extends readonly unknown[], Item> = (
  ...asked: [...Asked, AbortSignal]
) => AsyncIterable<Item>;

/** Puts a breaker before a method. */
export function guardedMethod<Asked extends readonly unknown[], Done>(
  method: Method<Asked, Done>,
  breaker: CircuitBreaker,
): Method<Asked, Done> {
  return (...asked) => breaker.call(() => method(...asked), signalOf(asked));
}

/** Puts a breaker before a stream, which counts by its first step: a slow reader is no slow part. */
export function guardedStream<Asked extends readonly unknown[], Item>(
  method: StreamMethod<Asked, Item>,
  breaker: CircuitBreaker,
): StreamMethod<Asked, Item> {
  return async function* (...asked) {
    yield* continued(await breaker.call(() => begin(() => method(...asked)), signalOf(asked)));
  };
}

/**
 * A reader behind a breaker: open, it rejects with `circuit_open` and asks nothing of the engine. To ask
 * for the generation is no call of its own, which would count each query twice: it is told while the
 * breaker is closed, and says nothing of how the engine is.
 */
export function guardedReader(reader: GraphReader, breaker: CircuitBreaker): GraphReader {
  return {
    query: guardedMethod((...asked) => reader.query(...asked), breaker),
    metrics: guardedMethod((signal) => reader.metrics(signal), breaker),
    async generation(signal) {
      breaker.requireClosed();
      return await reader.generation(signal);
    },
    entries: guardedStream((signal) => reader.entries(signal), breaker),
  };
}

/** A writer behind a breaker: open, it rejects with `circuit_open` and asks nothing of the engine. */
export function guardedWriter(writer: GraphWriter, breaker: CircuitBreaker): GraphWriter {
  return {
    upsert: guardedMethod((...asked) => writer.upsert(...asked), breaker),
    delete: guardedMethod((...asked) => writer.delete(...asked), breaker),
  };
}

function signalOf(asked: readonly [...unknown[], AbortSignal]): AbortSignal {
  return asked[asked.length - 1] as AbortSignal;
}
