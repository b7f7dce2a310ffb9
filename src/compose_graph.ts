import {
  type ObservedGraphParts,
  observedReader,
  observedWriter,
} from "../application/decorators/observed_graph.ts";
import { DomainError } from "../domain/errors.ts";
import type { GraphEngine } from "../domain/ports/graph_engine.ts";

/** Opens the graph; each of its calls is measured once, whatever stands behind. */
export function openGraph(
  parts: ObservedGraphParts,
  stack: AsyncDisposableStack,
): Pick<GraphEngine, "reader" | "writer"> {
  const { reader, writer } = stack.use(absentEngine());
  return { reader: observedReader(reader, parts), writer: observedWriter(writer, parts) };
}

/** What stands for an engine in a build that has none: every call is refused, and says so. */
function absentEngine(): GraphEngine {
  const away = () => Promise.reject<never>(unavailable());
  return {
    name: "none",
    reader: {
      query: away,
      metrics: away,
      generation: away,
      // deno-lint-ignore require-yield
      async *entries() {
        await away();
      },
    },
    writer: { upsert: away, delete: away },
    ping: away,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function unavailable(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "the graph",
    reason: "this build has no engine for it",
    remedy: null,
    retryAfterSeconds: 60,
  });
}
