import type { Clock } from "../../domain/ports/clock.ts";
import type { ExecutionRunner, RunWatcher } from "../../domain/ports/execution_runner.ts";
import type { ExecutionRecords } from "../../domain/ports/execution_records.ts";
import type { Cache, CacheName, LoadTurns, MeasuredCache } from "../../domain/ports/cache.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../../domain/ports/graph_writer.ts";
import type { Linter } from "../../domain/ports/linter.ts";
import type { TemplateRenderer } from "../../domain/ports/template_renderer.ts";
import type { Span, SpanStart, Tracer } from "../../domain/ports/tracer.ts";
import type { Admission } from "./admitted.ts";

/** Has each call of the graph's engine be a span; not of exports, which their reader paces. */
export function tracedReader(reader: GraphReader, system: string, tracer: Tracer): GraphReader {
  const within = callsOf(system, tracer);
  return {
    query: (query, signal) => within("query", () => reader.query(query, signal)),
    metrics: (signal) => within("metrics", () => reader.metrics(signal)),
    generation: (signal) => within("generation", () => reader.generation(signal)),
    entries: (signal) => reader.entries(signal),
  };
}

/** Has each call of the graph's engine be a span. */
export function tracedWriter(writer: GraphWriter, system: string, tracer: Tracer): GraphWriter {
  const within = callsOf(system, tracer);
  return {
    upsert: (batch, signal) => within("upsert", () => writer.upsert(batch, signal)),
    delete: (deletion, signal) => within("delete", () => writer.delete(deletion, signal)),
  };
}

function callsOf(system: string, tracer: Tracer) {
  return <Done>(operation: string, work: () => Promise<Done>): Promise<Done> => {
    const attributes = { "db.system.name": system, "db.operation.name": operation };
    return tracer.span({ name: `graph ${operation}`, kind: "client", attributes }, work);
  };
}

/** A store of records with its ways to save and find. */
interface Records<Record> extends AsyncDisposable {
  save(record: Record): Promise<void>;
  find(id: string): Promise<Record | null>;
}

/** Has saving and finding records be spans. */
export function tracedRecords<Record>(
  store: Records<Record>,
  { name, system }: { readonly name: string; readonly system: string },
  tracer: Tracer,
): Records<Record> {
  const start = (operation: string): SpanStart => ({
    name: `${name} ${operation}`,
    kind: "client",
    attributes: { "db.system.name": system, "db.operation.name": operation },
  });
  const [save, find] = [start("save"), start("find")];
  return {
    save: (record) => tracer.span(save, () => store.save(record)),
    find: (id) => tracer.span(find, () => store.find(id)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** Has what is done with the records of runs be spans. */
export function tracedExecutions(
  store: ExecutionRecords,
  system: string,
  tracer: Tracer,
): ExecutionRecords {
  const list: SpanStart = {
    name: "executions list",
    kind: "client",
    attributes: { "db.system.name": system, "db.operation.name": "list" },
  };
  return {
    ...tracedRecords(store, { name: "executions", system }, tracer),
    list: (owner, page) => tracer.span(list, () => store.list(owner, page)),
    ping: () => store.ping(),
  };
}

/** Has what is asked of a cache be spans, those that it answers at once among them. */
export function tracedCache<Value>(
  cache: Cache<Value> & MeasuredCache,
  name: CacheName,
  tracer: Tracer,
): Cache<Value> & MeasuredCache {
  const start = (operation: string): SpanStart => ({
    name: `cache ${operation}`,
    kind: "client",
    attributes: { "cache.name": name },
  });
  const [get, set, turn] = [start("get"), start("set"), start("turn")];
  const { turns } = cache;
  return {
    get version() {
      return cache.version;
    },
    ...(turns && { turns: tracedTurns(turns, turn, tracer) }),
    get: (key) =>
      tracer.span(get, (span) => {
        const found = cache.get(key);
        if (!(found instanceof Promise)) return told(span, found);
        return found.then((value) => told(span, value));
      }),
    set: (key, value, terms) => tracer.span(set, () => cache.set(key, value, terms)),
    delete: (key) => cache.delete(key),
    clear: () => cache.clear(),
    statistics: () => cache.statistics(),
  };
}

function told<Value>(span: Span, value: Value | undefined): Value | undefined {
  span.set({ "cache.hit": value !== undefined });
  return value;
}

function tracedTurns<Value>(
  turns: LoadTurns<Value>,
  start: SpanStart,
  tracer: Tracer,
): LoadTurns<Value> {
  return {
    take: (key) =>
      tracer.span(start, async (span) => {
        const taken = await turns.take(key);
        span.set({ "cache.hit": taken.kind === "made" });
        return taken;
      }),
    giveUp: (key, turn) => turns.giveUp(key, turn),
  };
}

/** Has waiting for a place be a span. */
export function tracedDoor(
  door: Pick<Admission, "enter">,
  tracer: Tracer,
): Pick<Admission, "enter"> {
  const start = { name: "sandbox queue" };
  return {
    enter: (memoryMb, signal) => tracer.span(start, () => door.enter(memoryMb, signal)),
  };
}

/**
 * Has each run be a span, with three phases: `sandbox fork` until the program begins, `sandbox run`, and
 * `sandbox collect` of what it has left. The program's own time is the sandbox's measure, told from when
 * its answer comes. Nothing of a trace reaches the program.
 */
export function tracedRunner(
  runner: Pick<ExecutionRunner, "run">,
  clock: Clock,
  tracer: Tracer,
): Pick<ExecutionRunner, "run"> {
  return {
    run(request, signal, watcher) {
      const { language } = request;
      const attributes = { "ultimate_mcp.language": language };
      return tracer.span({ name: "sandbox", attributes }, async (span) => {
        // Listening has the sandbox say more.
        if (!span.isRecorded) return await runner.run(request, signal, watcher);
        const times = { began: clock.monotonic(), ended: 0 };
        const timed = timing(watcher, clock, times);
        const outcome = await runner.run(request, signal, timed);
        const done = clock.monotonic();
        const ended = times.ended === 0 ? done : times.ended;
        const started = Math.max(times.began, ended - outcome.durationSeconds * 1000);
        span.phase("sandbox fork", times.began, started);
        span.phase("sandbox run", started, ended);
        span.phase("sandbox collect", ended, done);
        const limit = outcome.limit === null ? {} : { "ultimate_mcp.limit": outcome.limit };
        span.set({ "ultimate_mcp.outcome": outcome.outcome, ...limit });
        return outcome;
      });
    },
  };
}

/** Hears what the watcher hears, and nothing more: what nobody listens to is not told. */
function timing(
  watcher: RunWatcher | undefined,
  clock: Clock,
  times: { began: number; ended: number },
): RunWatcher {
  return {
    started() {
      times.began = clock.monotonic();
      watcher?.started();
    },
    ended() {
      times.ended = clock.monotonic();
      watcher?.ended?.();
    },
    ...(watcher?.wrote && { wrote: (stream, text) => watcher.wrote?.(stream, text) }),
    ...(watcher?.tested && { tested: (name, outcome) => watcher.tested?.(name, outcome) }),
  };
}

/** Has each text that is looked at be a span. */
export function tracedLinter(
  linter: Pick<Linter, "lint" | "toolchain">,
  tracer: Tracer,
): Pick<Linter, "lint" | "toolchain"> {
  return {
    lint: (request, signal) => {
      const attributes = { "ultimate_mcp.language": request.language };
      return tracer.span({ name: "linter lint", attributes }, () => linter.lint(request, signal));
    },
    toolchain: (language) => linter.toolchain(language),
  };
}

/** Has each template that is filled in be a span. */
export function tracedRenderer(
  renderer: TemplateRenderer,
  tracer: Tracer,
): TemplateRenderer {
  const start = { name: "templates render" };
  return {
    render: (request, caller, signal) =>
      tracer.span(start, () => renderer.render(request, caller, signal)),
    [Symbol.asyncDispose]: () => renderer[Symbol.asyncDispose](),
  };
}
