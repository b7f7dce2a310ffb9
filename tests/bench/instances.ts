import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import {
  EMPTIED,
  type FaultPlace,
  FROZEN,
  FULL,
  KILLED,
  type RedisFault,
  SLOWED,
} from "../fixtures/redis_faults.ts";
import type { Answer, StartedService } from "../fixtures/service.ts";
import { startTwoServices, type TwoServices, WIDE_LIMIT } from "../fixtures/two_services.ts";
import { quantile } from "./statistics.ts";

type Write = (line: string) => Promise<void>;

const CLIENTS = 4;
const KEYS = 50;
/** One in so many requests writes. */
const WRITES = 25;
const PHASE_MS = 6000;
const WARM_MS = 4000;
const LOOK_AGAIN_MS = 20;
const HEAL_MS = 20_000;

/** What requests took in a stretch of time, in milliseconds. */
interface Stretch {
  readonly times: number[];
  readonly failed: string[];
}

/** Clients that read and write by turns over both instances, one request after the other each. */
class Clients {
  #stretch: Stretch = { times: [], failed: [] };
  #stopped = false;
  readonly #working: Promise<void>[];

  constructor(services: readonly StartedService[]) {
    this.#working = Array.from({ length: CLIENTS }, (_, client) => this.#work(services, client));
  }

  /** What happens in so many milliseconds from now on. */
  async during(milliseconds: number): Promise<Stretch> {
    const stretch: Stretch = this.#stretch = { times: [], failed: [] };
    await delay(milliseconds);
    this.#stretch = { times: [], failed: [] };
    return stretch;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#working);
  }

  async #work(services: readonly StartedService[], client: number): Promise<void> {
    for (let turn = client; !this.#stopped; turn += 1) {
      const service = services[turn % services.length];
      if (service === undefined) return;
      const stretch = this.#stretch;
      const begun = performance.now();
      const { status, text } = await ask(service, turn);
      stretch.times.push(performance.now() - begun);
      if (status !== 200) stretch.failed.push(`${status} ${text}`);
    }
  }
}

async function ask(service: StartedService, turn: number): Promise<Answer> {
  const key = `bench${turn % KEYS}`;
  if (turn % WRITES === 0) {
    const node = { key, labels: ["Bench"], properties: { n: turn } };
    return await service.post("/api/v1/graph_upsert", { nodes: [node] });
  }
  const cypher = "MATCH (n:Bench {key: $key}) RETURN n.n AS n";
  return await service.post("/api/v1/graph_query", { cypher, parameters: { key } });
}

/** Milliseconds until both instances say that they are ready again. */
async function healing({ instances }: TwoServices): Promise<number> {
  const begun = performance.now();
  for (const { service } of instances) {
    while (!await isReady(service) && performance.now() - begun < HEAL_MS) {
      await delay(LOOK_AGAIN_MS);
    }
  }
  return performance.now() - begun;
}

async function isReady(service: StartedService): Promise<boolean> {
  const { json } = await service.get("/health/ready", { token: null });
  return (json.checks as { readonly cache: { readonly status: string } }).cache.status === "ready";
}

/**
 * Requests of two services over Neo4j while their Redis is killed, frozen, slowed, full and restarted
 * empty: their p99 beside that of the seconds before, and how soon both are well again. The seconds after
 * the fault are told beside it. Needs `deno task services:up neo4j records`.
 */
export async function benchInstances(write: Write): Promise<void> {
  await using two = await startTwoServices({ settings: WIDE_LIMIT });
  const { redis, instances } = two;
  const place: FaultPlace = { redis, ways: instances.map(({ way }) => way) };
  const clients = new Clients(instances.map(({ service }) => service));
  try {
    await clients.during(WARM_MS);
    for (const fault of [KILLED, FROZEN, SLOWED, FULL, EMPTIED]) {
      const before = await clients.during(PHASE_MS);
      const begun = fault.begin(place);
      const during = await clients.during(PHASE_MS);
      await begun;
      await fault.end(place);
      const healed = await healing(two);
      const after = await clients.during(PHASE_MS);
      await write(rowOf(fault, { before, during, after, healed }));
    }
  } finally {
    await clients.stop();
  }
}

function rowOf(
  { what }: RedisFault,
  { before, during, after, healed }: {
    readonly before: Stretch;
    readonly during: Stretch;
    readonly after: Stretch;
    readonly healed: number;
  },
): string {
  // The machine changes its pace by itself: what is normal is what was on both sides.
  const normal = quantile([...before.times, ...after.times], 0.99);
  const ill = quantile(during.times, 0.99);
  const failed = [...before.failed, ...during.failed, ...after.failed];
  return `redis  ${what.padEnd(16)} p99 ${(ill / normal).toFixed(2)} × ` +
    `(${ill.toFixed(1)} / ${normal.toFixed(1)} ms), worst ${quantile(during.times, 1).toFixed(0)}` +
    ` ms, ${during.times.length} requests, ${failed.length} failed` +
    `${failed[0] === undefined ? "" : ` (${failed[0]})`}, healed in ${healed.toFixed(0)} ms, ` +
    `load average ${loadavg()[0]?.toFixed(1)}`;
}
