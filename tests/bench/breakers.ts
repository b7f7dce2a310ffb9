import { median } from "./statistics.ts";

const SIDES = ["bare", "ours", "windowed", "cockatiel", "opossum"] as const;
type Side = (typeof SIDES)[number];

const ROUNDS = 7;
const CALLS = 2_000_000;
const SCRIPT = new URL("./breaker_side.ts", import.meta.url).pathname;

/** Nanoseconds a call of a side, in a fresh process. */
async function measure(side: Side): Promise<number> {
  const args = ["run", "--quiet", "-P=bench", SCRIPT, side, String(CALLS)];
  const command = new Deno.Command("deno", { args, stderr: "inherit" });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`Cannot measure the side '${side}'`);
  return Number(new TextDecoder().decode(stdout));
}

/**
 * What a call costs through a breaker that stays closed, beside a bare await: a line for each side. The
 * sides take turns, one way and then the other; figures are medians, and differences are within a round.
 */
export async function benchBreakers(write: (line: string) => Promise<void>): Promise<void> {
  const rounds: Readonly<Record<Side, number>>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const took = { bare: 0, ours: 0, windowed: 0, cockatiel: 0, opossum: 0 };
    const order = round % 2 === 0 ? SIDES : SIDES.toReversed();
    for (const side of order) took[side] = await measure(side);
    rounds.push(took);
  }
  for (const side of SIDES) {
    const whole = median(rounds.map((took) => took[side]));
    const over = median(rounds.map((took) => took[side] - took.bare));
    const figures = `${whole.toFixed(0).padStart(4)} ns a call`;
    const beside = side === "bare" ? "" : `  ${over.toFixed(0).padStart(4)} ns over a bare await`;
    await write(`breaker  ${side.padEnd(9)}  ${figures}${beside}`);
  }
}
