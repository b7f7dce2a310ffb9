import type { LogField } from "../../domain/ports/log.ts";
import { type EmbeddedGraph, type EmbeddedGraphOptions, openEmbeddedGraph } from "./engine.ts";

/** What was logged, by event. */
export interface Line {
  readonly event: string;
  readonly fields: Readonly<Record<string, LogField>>;
}

/** An embedded graph in a folder of its own. */
export interface TrialGraph extends AsyncDisposable {
  readonly graph: EmbeddedGraph;
  readonly folder: string;
  readonly lines: readonly Line[];
  /** Closes the graph and opens it anew. */
  reopen(): Promise<void>;
}

/** Opens an embedded graph that goes, file and all, when it is disposed of. */
export async function trialGraph(
  changes: Partial<EmbeddedGraphOptions> = {},
): Promise<TrialGraph> {
  const place = await trialPlace(changes);
  let graph = await place.open();
  return {
    get graph() {
      return graph;
    },
    folder: place.folder,
    lines: place.lines,
    async reopen() {
      await graph[Symbol.asyncDispose]();
      graph = await place.open();
    },
    async [Symbol.asyncDispose]() {
      await graph[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** A folder for a graph, and how it is opened there. */
export interface TrialPlace extends AsyncDisposable {
  readonly folder: string;
  readonly lines: readonly Line[];
  open(): Promise<EmbeddedGraph>;
}

/** Makes a folder for a graph, removed when it is disposed of. */
export async function trialPlace(
  changes: Partial<EmbeddedGraphOptions> = {},
): Promise<TrialPlace> {
  const folder = await Deno.makeTempDir({ prefix: "graph-" });
  const lines: Line[] = [];
  const options: EmbeddedGraphOptions = {
    path: `${folder}/graph.grafeo`,
    deno: "deno",
    log: { write: (_level, event, fields = {}) => void lines.push({ event, fields }) },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    ...changes,
  };
  return {
    folder,
    lines,
    open: () => openEmbeddedGraph(options),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
