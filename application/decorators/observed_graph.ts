import { DomainError, type FailureCode } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { GraphOperation, GraphOutcome, Telemetry } from "../../domain/ports/telemetry.ts";

/** What measuring takes. */
export interface ObservedGraphParts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Tells telemetry how long reading took and how it ended; not of exports, which their reader paces. */
export function observedReader(reader: GraphReader, parts: ObservedGraphParts): GraphReader {
  return {
    query: (query, signal) => measured("read", reader.query(query, signal), parts),
    metrics: (signal) => measured("read", reader.metrics(signal), parts),
    generation: (signal) => reader.generation(signal),
    entries: (signal) => reader.entries(signal),
  };
}

/** Tells telemetry how long writing took and how it ended. */
export function observedWriter(writer: GraphWriter, parts: ObservedGraphParts): GraphWriter {
  return {
    upsert: (batch, signal) => measured("write", writer.upsert(batch, signal), parts),
    delete: (deletion, signal) => measured("write", writer.delete(deletion, signal), parts),
  };
}

async function measured<Done>(
  operation: GraphOperation,
  work: Promise<Done>,
  { clock, telemetry }: ObservedGraphParts,
): Promise<Done> {
  const began = clock.monotonic();
  let outcome: GraphOutcome = "ok";
  try {
    return await work;
  } catch (error) {
    outcome = graphOutcomeOf(error);
    throw error;
  } finally {
    const durationSeconds = (clock.monotonic() - began) / 1000;
    telemetry.record({ kind: "graph_call_finished", operation, outcome, durationSeconds });
  }
}

/** How a call to the graph has ended that has thrown this. */
export function graphOutcomeOf(error: unknown): GraphOutcome {
  return error instanceof DomainError ? OUTCOMES[error.failure.code] ?? "error" : "error";
}

const OUTCOMES: { readonly [C in FailureCode]?: GraphOutcome } = {
  validation_failed: "refused",
  query_invalid: "refused",
  query_not_read_only: "refused",
  missing_endpoints: "refused",
  graph_conflict: "refused",
  query_timeout: "timeout",
  dependency_unavailable: "unavailable",
  circuit_open: "unavailable",
  shutting_down: "unavailable",
  cancelled: "cancelled",
};
