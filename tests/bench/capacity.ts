import { loadavg } from "node:os";
import { CAPACITY_KINDS, type CapacityKind } from "./capacity_requests.ts";
import { median } from "./statistics.ts";

const ROUNDS = 3;
const REQUESTS: { readonly [K in CapacityKind]: number } = {
  status: 5000,
  stored: 2000,
  graph_read: 1000,
  graph_cached: 3000,
  graph_write: 1000,
  template: 1000,
  lint: 300,
  python: 400,
  bash: 400,
  javascript: 150,
};
const HERE = new URL(".", import.meta.url).pathname;

/** What one round of one kind cost. */
interface Round {
  /** Seconds of every process involved, the client's own among them. */
  readonly cpu: number;
  /** Bytes that the data directory has grown by. */
  readonly disk: number;
}

async function measured(kind: CapacityKind): Promise<Round> {
  const side = ["deno", "run", "--quiet", "-P=bench", `${HERE}capacity_side.ts`, kind];
  const args = [`${HERE}meter.py`, ...side, String(REQUESTS[kind])];
  const { success, stdout } = await new Deno.Command("python3", { args, stderr: "inherit" })
    .output();
  if (!success) throw new Error(`Cannot measure ${kind}`);
  const { cpu, said } = JSON.parse(new TextDecoder().decode(stdout));
  return { cpu, disk: Number(said) };
}

/**
 * What a request of each kind takes of a core and of the disk, through the whole service with its own
 * stores: the figures that docs/runbook.md tells to reckon with. CPU is that of every process involved, so
 * that it hardly depends on what else the machine does.
 */
export async function benchCapacity(write: (line: string) => Promise<void>): Promise<void> {
  for (const kind of CAPACITY_KINDS) {
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measured(kind));
    const each = (of: (round: Round) => number) => median(rounds.map(of)) / REQUESTS[kind];
    const cpu = each((round) => round.cpu);
    await write(
      `capacity  ${kind.padEnd(12)}  ${(1000 * cpu).toFixed(2).padStart(6)} ms of CPU a request  ` +
        `${(0.7 / cpu).toFixed(0).padStart(5)} a second on 70 % of a core  ` +
        `${each((round) => round.disk).toFixed(0).padStart(5)} bytes kept  ` +
        `load average ${loadavg()[0]?.toFixed(1)}`,
    );
  }
}
