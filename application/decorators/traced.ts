import type { Tracer } from "../../domain/ports/tracer.ts";
import type { Application } from "../application.ts";

/** They are asked all the time, and by nobody whose request is followed. */
const UNTRACED: ReadonlySet<string> = new Set<keyof Application>(["status", "readiness"]);

/** Has every use case that does work for a caller be a span of its own. */
export function traced(application: Application, tracer: Tracer): Application {
  const within = ([name, begin]: [string, (...asked: unknown[]) => unknown]) => {
    if (UNTRACED.has(name)) return [name, begin];
    const start = { name: `use case ${name}` };
    return [name, (...asked: unknown[]) => tracer.span(start, () => begin(...asked))];
  };
  return Object.fromEntries(Object.entries(application).map(within)) as Application;
}
