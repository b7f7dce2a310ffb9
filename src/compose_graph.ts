import { DomainError } from "../domain/errors.ts";
import type { GraphEngine } from "../domain/ports/graph_engine.ts";

/** The graph's engine. This build has none: every call is refused, and says so. */
export function openGraph(): GraphEngine {
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
