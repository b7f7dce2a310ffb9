import type { Session } from "neo4j-driver";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import { INTERNAL_LABEL, INTERNAL_PREFIX } from "../../domain/graph/names.ts";
import { serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";

const SECONDS = 30;
/** Names counted by one statement: a longer one takes the database long to plan. */
const NAMES_AT_ONCE = 50;
const TOTALS = "CALL { MATCH (n) RETURN count(n) AS nodes } " +
  "CALL { MATCH ()-[r]->() RETURN count(r) AS relationships } " +
  "CALL { CALL db.labels() YIELD label RETURN collect(label) AS labels } " +
  "CALL { CALL db.relationshipTypes() YIELD relationshipType " +
  "RETURN collect(relationshipType) AS types } " +
  "RETURN nodes, relationships, labels, types";

/** A label or a type, and how what bears it is matched. */
interface Name {
  readonly kind: "label" | "type";
  readonly name: string;
}

/** How much there is, from the counts that the database keeps. */
export async function countGraph(link: Link, signal: AbortSignal): Promise<GraphMetrics> {
  const asking = {
    mode: "read" as const,
    timeoutMs: SECONDS * 1000,
    signal,
    overdue: () => unavailable(`it did not count the graph within ${SECONDS} s`),
  };
  try {
    return await link.run(asking, (session, left) => count(session, left));
  } catch (error) {
    throw serviceFailure(error);
  }
}

async function count(session: Session, left: () => number): Promise<GraphMetrics> {
  const ask = async (statement: string) => {
    return (await session.run(statement, {}, { timeout: left() })).records;
  };
  const [totals] = await ask(TOTALS);
  const { nodes, relationships, labels, types } = totals?.toObject() ?? {};
  const names = [...namesOf("label", labels), ...namesOf("type", types)];
  const counts: [Name, number][] = [];
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const some = names.slice(at, at + NAMES_AT_ONCE);
    const records = await ask(some.map(countOf).join(" UNION ALL "));
    for (const [index, name] of some.entries()) {
      const record = records.find((record) => record.get("name") === BigInt(index));
      counts.push([name, Number(record?.get("c") ?? 0)]);
    }
  }
  return {
    nodeCount: Number(nodes),
    relationshipCount: Number(relationships),
    labels: countsOf("label", counts),
    relationshipTypes: countsOf("type", counts),
  };
}

function namesOf(kind: Name["kind"], names: unknown): Name[] {
  return (names as readonly string[]).filter((name) => !isOwn(name)).map((name) => ({
    kind,
    name,
  }));
}

function isOwn(name: string): boolean {
  return name === INTERNAL_LABEL || name.startsWith(INTERNAL_PREFIX);
}

function countOf({ kind, name }: Name, index: number): string {
  // Others than the service may have made names of any kind.
  const quoted = `\`${name.replaceAll("`", "``")}\``;
  const matched = kind === "label" ? `(x:${quoted})` : `()-[x:${quoted}]->()`;
  return `MATCH ${matched} RETURN ${index} AS name, count(x) AS c`;
}

/** Names stay known to the database when nothing bears them any more. */
function countsOf(
  kind: Name["kind"],
  counts: readonly (readonly [Name, number])[],
): Record<string, number> {
  const own = counts.filter(([name, c]) => name.kind === kind && c > 0);
  return Object.fromEntries(own.map(([{ name }, c]) => [name, c]));
}
