/**
 * Opens a graph, prints the process of its engine and has that work on a statement that takes for ever.
 * Argument: the graph's file. Ends only by a signal.
 */
import { openEmbeddedGraph } from "../engine.ts";

const graph = await openEmbeddedGraph({
  path: Deno.args[0] ?? "",
  deno: "deno",
  log: { write: () => {} },
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
});
const staying = new AbortController().signal;
const nodes = Array.from(
  { length: 60 },
  (_, at) => ({ key: `n${at}`, labels: [], properties: {} }),
);
await graph.writer.upsert({ nodes, relationships: [] }, staying);
const statement = "MATCH (a), (b), (c), (d), (e), (f) RETURN count(*) AS c";
const asked = graph.reader.query(
  { statement, parameters: {}, limit: 1, timeoutSeconds: 30 },
  staying,
);
await graph.ping(staying);
await Deno.stdout.write(new TextEncoder().encode(`${graph.pid}\n`));
await asked;
