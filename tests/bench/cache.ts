/** A hit in the cache in memory beside a hit in lru-cache alone, in one process, by turns. */

import { LRUCache } from "lru-cache";
import { MemoryCache } from "../../adapters/memory/cache.ts";
import { cached, LoadCounts } from "../../application/decorators/cached.ts";
import { median } from "./statistics.ts";

const ENTRIES = 500;
const GETS = 100_000;
const PAIRS = 101;
const TTL_SECONDS = 3600;
const KEYS = Array.from({ length: ENTRIES }, (_, at) => at.toString(16).padStart(64, "0"));

interface Value {
  readonly id: string;
  readonly outcome: string;
}

function valueOf(id: string): Value {
  return { id, outcome: "ok" };
}

function filledLru(): LRUCache<string, Value> {
  const lru = new LRUCache<string, Value>({ max: ENTRIES, ttl: TTL_SECONDS * 1000 });
  for (const key of KEYS) lru.set(key, valueOf(key));
  return lru;
}

function filledCache(): MemoryCache<Value> {
  const cache = new MemoryCache<Value>({ maxSize: ENTRIES, monotonic: () => performance.now() });
  for (const key of KEYS) cache.set(key, valueOf(key), { ttlSeconds: TTL_SECONDS });
  return cache;
}

/** Nanoseconds that one get takes, of many in a row. Each side has a loop of its own, as callers do. */
function oursCalled(cache: MemoryCache<Value>): Promise<number> {
  const begun = performance.now();
  let hits = 0;
  for (let at = 0; at < GETS; at += 1) {
    if (cache.get(KEYS[at % ENTRIES] ?? "") !== undefined) hits += 1;
  }
  return Promise.resolve(nanoseconds(begun, hits));
}

function bareCalled(lru: LRUCache<string, Value>): Promise<number> {
  const begun = performance.now();
  let hits = 0;
  for (let at = 0; at < GETS; at += 1) {
    if (lru.get(KEYS[at % ENTRIES] ?? "") !== undefined) hits += 1;
  }
  return Promise.resolve(nanoseconds(begun, hits));
}

/** The same, each awaited, as whoever does not know the cache has to. */
async function awaited(get: (key: string) => unknown): Promise<number> {
  const begun = performance.now();
  let hits = 0;
  for (let at = 0; at < GETS; at += 1) {
    if (await get(KEYS[at % ENTRIES] ?? "") !== undefined) hits += 1;
  }
  return nanoseconds(begun, hits);
}

function nanoseconds(begun: number, hits: number): number {
  if (hits !== GETS) throw new Error(`Cannot measure hits: ${GETS - hits} gets missed`);
  return (performance.now() - begun) * 1e6 / GETS;
}

type Side = () => Promise<number>;

async function row(name: string, ours: Side, bare: Side): Promise<void> {
  const pairs: { readonly ours: number; readonly bare: number }[] = [];
  for (let pair = -2; pair < PAIRS; pair += 1) {
    const first = pair % 2 === 0 ? await ours() : await bare();
    const second = pair % 2 === 0 ? await bare() : await ours();
    // The first two only warm up.
    if (pair < 0) continue;
    pairs.push(pair % 2 === 0 ? { ours: first, bare: second } : { ours: second, bare: first });
  }
  const side = (of: "ours" | "bare") => median(pairs.map((pair) => pair[of])).toFixed(0);
  const ratio = median(pairs.map(({ ours, bare }) => ours / bare)).toFixed(2);
  const line = `cache  ${name.padEnd(36)} ${ratio} (${side("ours")} / ${side("bare")} ns)\n`;
  await Deno.stdout.write(new TextEncoder().encode(line));
}

/** Prints a row for each way to read. */
export async function benchCache(): Promise<void> {
  const lru = filledLru();
  const cache = filledCache();
  const find = cached((key: string) => Promise.resolve(valueOf(key)), {
    cache,
    counts: new LoadCounts(),
    keyOf: (key) => key,
    ttlSecondsOf: () => TTL_SECONDS,
  });
  const { signal } = new AbortController();
  const bare = (key: string) => lru.get(key);
  const ours = (key: string) => cache.get(key);
  await row("a hit", () => oursCalled(cache), () => bareCalled(lru));
  await row("a hit, awaited", () => awaited(ours), () => awaited(bare));
  await row(
    "a hit through cached(), awaited",
    () => awaited((key) => find(key, signal)),
    () => awaited(bare),
  );
}
