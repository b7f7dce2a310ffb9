import type { GraphEntry } from "../../domain/graph/batch.ts";
import { INTERNAL_LABEL, KEY_PROPERTY } from "../../domain/graph/names.ts";
import type { PropertyValue } from "../../domain/graph/value.ts";
import { serviceFailure, unavailable } from "./faults.ts";
import type { Hold } from "./hold.ts";
import type { Link } from "./link.ts";
import { WHOLE } from "./record_bound.ts";

const STEP_SECONDS = 30;
const ROWS_AT_ONCE = 500;
/** All nodes of the service. */
export const NODES: string =
  `MATCH (n:${INTERNAL_LABEL}) RETURN $whole, n.${KEY_PROPERTY}, labels(n), properties(n)`;
/** All relationships between them. */
export const RELATIONSHIPS: string = `MATCH (a:${INTERNAL_LABEL})-[x]->(b:${INTERNAL_LABEL}) ` +
  `RETURN $whole, a.${KEY_PROPERTY}, type(x), b.${KEY_PROPERTY}, properties(x)`;

type Row = readonly unknown[];
type Properties = Record<string, PropertyValue>;

/**
 * All nodes, then all relationships, as the database hands them over: a row is asked for when it is wanted.
 * What other writers make meanwhile may be among them, but no relationship whose end is not.
 */
export async function* entriesOf(link: Link, signal: AbortSignal): AsyncIterable<GraphEntry> {
  const told = new ToldKeys();
  const hold = await link.hold({
    mode: "read",
    fetchSize: ROWS_AT_ONCE,
    timeoutMs: STEP_SECONDS * 1000,
    signal,
    stream: true,
    overdue,
  });
  try {
    for await (const [, key, labels, properties] of rowsOf(hold, NODES)) {
      const { [KEY_PROPERTY]: _, ...others } = properties as Properties;
      const own = (labels as string[]).filter((label) => label !== INTERNAL_LABEL);
      told.add(String(key));
      yield { kind: "node", key: String(key), labels: own, properties: others };
    }
    for await (const [, a, type, b, properties] of rowsOf(hold, RELATIONSHIPS)) {
      const [start, end] = [String(a), String(b)];
      if (!told.has(start) || !told.has(end)) continue;
      const given = properties as Properties;
      yield { kind: "relationship", start, end, type: String(type), properties: given };
    }
  } catch (error) {
    throw serviceFailure(error);
  } finally {
    hold.close();
  }
}

function overdue(): ReturnType<typeof unavailable> {
  return unavailable(`it gave nothing within ${STEP_SECONDS} s`);
}

async function* rowsOf(hold: Hold, statement: string): AsyncIterable<Row> {
  const rows = hold.session.run(statement, { whole: WHOLE })[Symbol.asyncIterator]();
  while (true) {
    const { done, value } = await hold.within(rows.next(), STEP_SECONDS * 1000, overdue);
    if (done === true) return;
    yield value.keys.map((_: unknown, at: number) => value.get(at));
  }
}

const WORDS = 1 << 21;
const BITS = 8;

/**
 * The keys of nodes that have been told, in eight megabytes however many they are: what it knows it has, it
 * has; of what it has not, it may be wrong about one in a million for a million keys. It is asked only
 * about nodes that somebody has made meanwhile.
 */
class ToldKeys {
  readonly #bits = new Uint32Array(WORDS);

  add(key: string): void {
    for (const bit of bitsOf(key)) this.#bits[bit >>> 5]! |= 1 << (bit & 31);
  }

  has(key: string): boolean {
    return bitsOf(key).every((bit) => (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0);
  }
}

/** Places for a key by two hashes of it (FNV-1a from two beginnings, mixed). */
function bitsOf(key: string): number[] {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
  }
  [a, b] = [mixed(a), mixed(b) | 1];
  return Array.from({ length: BITS }, (_, at) => (a + Math.imul(at, b)) >>> 6);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
