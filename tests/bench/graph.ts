import { median } from "./statistics.ts";

const SIDES = ["engine", "single", "ours"] as const;
type Side = (typeof SIDES)[number];
type Took = Readonly<Record<string, number>>;

const ROUNDS = 5;
const SCRIPT = new URL("./graph_side.ts", import.meta.url).pathname;

async function measure(side: Side): Promise<Took> {
  const args = ["run", "--quiet", "--no-prompt", "-A", SCRIPT, side];
  const { success, stdout } = await new Deno.Command("deno", { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`Cannot measure the side '${side}'`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/**
 * What writing 1,000 nodes and 2,000 relationships costs beside the engine alone and beside a transaction
 * for each of them, and what the caches spare. Each side is a fresh process with a graph of its own; the
 * sides take turns, one way and then the other; ratios are within a round, and figures medians.
 */
export async function benchGraph(write: (line: string) => Promise<void>): Promise<void> {
  const rounds: Record<Side, Took>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const took: Record<Side, Took> = { engine: {}, single: {}, ours: {} };
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      took[side] = await measure(side);
    }
    rounds.push(took);
  }
  type Of = (took: Record<Side, Took>) => number | undefined;
  const row = async (name: string, ours: Of, beside: Of) => {
    const middle = (of: Of) => median(rounds.map((took) => of(took) ?? NaN));
    const ratio = middle((took) => (ours(took) ?? NaN) / (beside(took) ?? NaN));
    const figures = `(${middle(ours).toPrecision(3)} / ${middle(beside).toPrecision(3)} ms)`;
    await write(`graph  ${name.padEnd(46)} ${ratio.toFixed(3)} ${figures}`);
  };
  for (const when of ["first", "again"]) {
    await row(
      `upsert, ${when}, beside the engine alone`,
      (t) => t.ours[when],
      (t) => t.engine[when],
    );
    await row(`upsert, ${when}, beside one at a time`, (t) => t.ours[when], (t) => t.single[when]);
  }
  await row("metrics, cached beside not", (t) => t.ours.cachedMetrics, (t) => t.ours.metrics);
  await row("a query, cached beside not", (t) => t.ours.cachedQuery, (t) => t.ours.query);
}
