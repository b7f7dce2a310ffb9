/**
 * Writes batches without end, each of ten nodes in a row of nine relationships, and prints each batch's
 * number and the engine's process once it is acknowledged. Arguments: the graph's file, the first batch's
 * number. Ends only by a signal.
 */
import { openEmbeddedGraph } from "../engine.ts";

const [path = "", first = "0"] = Deno.args;
const graph = await openEmbeddedGraph({
  path,
  deno: "deno",
  log: { write: () => {} },
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
});
const staying = new AbortController().signal;

for (let batch = Number(first);; batch++) {
  const keys = Array.from({ length: 10 }, (_, at) => `b${batch}_${at}`);
  const nodes = keys.map((key) => ({ key, labels: ["B"], properties: { batch: BigInt(batch) } }));
  const relationships = keys.slice(1).map((end, at) => {
    return { start: keys[at] ?? "", end, type: "NEXT", properties: { batch: BigInt(batch) } };
  });
  await graph.writer.upsert({ nodes, relationships }, staying);
  await Deno.stdout.write(new TextEncoder().encode(`${batch} ${graph.pid}\n`));
}
