import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import { INTERNAL_LABEL, INTERNAL_PREFIX } from "../../domain/graph/names.ts";
import { serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";
import { WHOLE } from "./record_bound.ts";
import { traceless } from "./traceless.ts";
import type { Run } from "./transaction.ts";

const SECONDS = 30;
/** Names counted by one statement: a longer one takes the database long to plan. */
const NAMES_AT_ONCE = 50;
/** With more names it may be quicker to go through the graph: planning takes over a millisecond a name. */
const MANY_NAMES = 200;
/** Nodes and relationships that can be gone through in the time that one name takes to plan. */
const ITEMS_A_NAME = 2000;
/** How many bear each name, by going through all: pairs of a name and a count. */
export const EACH: Readonly<Record<Name["kind"], string>> = {
  label: "MATCH (n) UNWIND labels(n) AS name RETURN name, count(*) AS c",
  type: "MATCH ()-[r]->() RETURN type(r) AS name, count(*) AS c",
};
/** How much there is, and which names the database knows. */
const TOTALS = "CALL { MATCH (n) RETURN count(n) AS nodes } " +
  "CALL { MATCH ()-[r]->() RETURN count(r) AS relationships } " +
  "CALL { CALL db.labels() YIELD label RETURN collect(label) AS labels } " +
  "CALL { CALL db.relationshipTypes() YIELD relationshipType " +
  "RETURN collect(relationshipType) AS types } ";

/** A label or a type, and how what bears it is matched. */
export interface Name {
  readonly kind: "label" | "type";
  readonly name: string;
}

/** Labels and types. */
interface Names {
  readonly labels: readonly string[];
  readonly types: readonly string[];
}

/** How much there is, from the counts that the database keeps. */
export async function countGraph(
  link: Link,
  counter: Counter,
  signal: AbortSignal,
): Promise<GraphMetrics> {
  const asking = {
    mode: "read" as const,
    timeoutMs: SECONDS * 1000,
    signal,
    overdue: () => unavailable(`it did not count the graph within ${SECONDS} s`),
  };
  try {
    return await link.run(asking, async (session, left) => {
      // The driver sends statements one after another without waiting in a transaction alone.
      const transaction = traceless(() => session.beginTransaction({ timeout: left() }));
      transaction.catch(() => {});
      try {
        return await counter.count((statement, parameters) =>
          traceless(() => transaction.run(statement, parameters))
        );
      } finally {
        await transaction.close();
      }
    });
  } catch (error) {
    throw serviceFailure(error);
  }
}

/** Counts by labels and types, of which it remembers the names: what it counts seldom has others. */
export class Counter {
  #known: readonly Name[] = [];

  /** Counts in a transaction. */
  async count(run: Run): Promise<GraphMetrics> {
    // One answer is waited for, and mostly one asked for, unless there are names that are new.
    const expected = this.#known.length > MANY_NAMES ? [] : this.#known;
    const some = expected.slice(0, NAMES_AT_ONCE);
    const [totals, more] = await Promise.all([
      run(totalsWith(some), { whole: WHOLE }),
      countsOf(run, expected.slice(NAMES_AT_ONCE)),
    ]);
    const { nodes, relationships, labels, types, counted } = totals.records[0]?.toObject() ?? {};
    const first = new Map([...byKey(some, counted), ...more]);
    const names = namesOf({ labels, types });
    const others = names.filter((name) => !first.has(keyOf(name)));
    const isSmall = Number(nodes) + Number(relationships) < ITEMS_A_NAME * others.length;
    const rest = isSmall && others.length > MANY_NAMES
      ? await countsOfAll(run)
      : await countsOf(run, others);
    const counts = new Map([...first, ...rest]);
    this.#known = names.filter((name) => (counts.get(keyOf(name)) ?? 0) > 0);
    return {
      nodeCount: Number(nodes),
      relationshipCount: Number(relationships),
      labels: countsBy("label", this.#known, counts),
      relationshipTypes: countsBy("type", this.#known, counts),
    };
  }
}

/** The totals, and how many bear each of some names, as pairs of a name's place and its count. */
export function totalsWith(names: readonly Name[]): string {
  const counted = names.length === 0
    ? "WITH *, [] AS counted "
    : `CALL { CALL { ${countsStatement(names)} } RETURN collect([name, c]) AS counted } `;
  return `${TOTALS}${counted}RETURN $whole AS whole, nodes, relationships, labels, types, counted`;
}

function byKey(
  names: readonly Name[],
  counted: readonly (readonly unknown[])[],
): [key: string, count: number][] {
  return counted.map(([at, count]) => {
    const name = names[Number(at)];
    return [name === undefined ? "" : keyOf(name), Number(count)];
  });
}

/** How many bear each name, by {@link keyOf}. */
async function countsOf(run: Run, names: readonly Name[]): Promise<Map<string, number>> {
  const parts: Name[][] = [];
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    parts.push(names.slice(at, at + NAMES_AT_ONCE));
  }
  const counted = await Promise.all(parts.map(async (some) => {
    const { records } = await run(countsStatement(some), {});
    return byKey(some, records.map((record) => [record.get("name"), record.get("c")]));
  }));
  return new Map(counted.flat());
}

/** How many bear each name that anything bears. */
async function countsOfAll(run: Run): Promise<Map<string, number>> {
  const counted = await Promise.all((["label", "type"] as const).map(async (kind) => {
    const { records } = await run(EACH[kind], {});
    return records.map((record): [string, number] => [
      keyOf({ kind, name: record.get("name") }),
      Number(record.get("c")),
    ]);
  }));
  return new Map(counted.flat());
}

function keyOf({ kind, name }: Name): string {
  return `${kind} ${name}`;
}

function namesOf({ labels, types }: Names): Name[] {
  const named = (kind: Name["kind"], names: readonly string[]) =>
    names.filter((name) => !isOwn(name)).map((name): Name => ({ kind, name }));
  return [...named("label", labels), ...named("type", types)];
}

function isOwn(name: string): boolean {
  return name === INTERNAL_LABEL || name.startsWith(INTERNAL_PREFIX);
}

/** Counts what bears each of these names, which rows tell by their places. */
export function countsStatement(names: readonly Name[]): string {
  return names.map(countOf).join(" UNION ALL ");
}

function countOf({ kind, name }: Name, index: number): string {
  // Others than the service may have made names of any kind.
  const quoted = `\`${name.replaceAll("`", "``")}\``;
  const matched = kind === "label" ? `(x:${quoted})` : `()-[x:${quoted}]->()`;
  // Counted beside the place all that bear the name would be gone through: the place is a key to group by.
  return `MATCH ${matched} WITH count(x) AS c RETURN ${index} AS name, c`;
}

/** Names stay known to the database when nothing bears them any more: those that are given are borne. */
function countsBy(
  kind: Name["kind"],
  names: readonly Name[],
  counts: ReadonlyMap<string, number>,
): Record<string, number> {
  const own = names.filter((name) => name.kind === kind);
  return Object.fromEntries(own.map((name) => [name.name, counts.get(keyOf(name)) ?? 0]));
}
