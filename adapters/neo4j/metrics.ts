import type { Session } from "neo4j-driver";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import { INTERNAL_LABEL, INTERNAL_PREFIX } from "../../domain/graph/names.ts";
import { serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";

const SECONDS = 30;
/** Names counted by one statement: a longer one takes the database long to plan. */
const NAMES_AT_ONCE = 50;
const TOTALS = "CALL { MATCH (n) RETURN count(n) AS nodes } " +
  "CALL { MATCH ()-[r]->() RETURN count(r) AS relationships } RETURN nodes, relationships";
const LABELS = "CALL db.labels() YIELD label RETURN label";
const TYPES = "CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType";

type Ask = (statement: string) => Promise<readonly (readonly unknown[])[]>;

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
  const ask: Ask = async (statement) => {
    const { records } = await session.run(statement, {}, { timeout: left() });
    return records.map((record) => record.keys.map((_, at) => record.get(at) as unknown));
  };
  const [[nodes, relationships] = [0n, 0n]] = await ask(TOTALS);
  const labels = (await ask(LABELS)).map(([name]) => String(name)).filter((name) => !isOwn(name));
  const types = (await ask(TYPES)).map(([name]) => String(name));
  return {
    nodeCount: Number(nodes),
    relationshipCount: Number(relationships),
    labels: await countEach(ask, labels, (name) => `MATCH (x:${name})`),
    relationshipTypes: await countEach(ask, types, (name) => `MATCH ()-[x:${name}]->()`),
  };
}

function isOwn(label: string): boolean {
  return label === INTERNAL_LABEL || label.startsWith(INTERNAL_PREFIX);
}

async function countEach(
  ask: Ask,
  names: readonly string[],
  matching: (name: string) => string,
): Promise<Record<string, number>> {
  const counts: [string, number][] = [];
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const some = names.slice(at, at + NAMES_AT_ONCE);
    // Others than the service may have made names of any kind.
    const statement = some.map((name, index) =>
      `${matching(`\`${name.replaceAll("`", "``")}\``)} RETURN ${index} AS name, count(x) AS c`
    ).join(" UNION ALL ");
    for (const [index, c] of await ask(statement)) {
      if (Number(c) > 0) counts.push([some[Number(index)] ?? "", Number(c)]);
    }
  }
  return Object.fromEntries(counts);
}
