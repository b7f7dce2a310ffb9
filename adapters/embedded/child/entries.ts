import type { GraphEntry } from "../../../domain/graph/batch.ts";
import type { EntriesCursor, EntriesPage } from "../messages.ts";
import { Entities } from "./entities.ts";
import { KEY, type Run, type Store } from "./store.ts";

/** Ids looked at for one page; some may have nothing behind them. */
const PAGE_IDS = 1000;

/** A page of the export: nodes by their ids, then relationships by theirs, as far as they went at its start. */
export function entriesFrom(store: Store, given: EntriesCursor | null): Promise<EntriesPage> {
  return store.read(async (run) => {
    const cursor = given ?? await beginning(run);
    const page = cursor.kind === "node" ? nodesOf : relationshipsOf;
    return { entries: await page(store, run, cursor), cursor: after(cursor) };
  });
}

async function beginning(run: Run): Promise<EntriesCursor> {
  const lastNode = await lastOf(run, "MATCH (x)");
  const lastRelationship = await lastOf(run, "MATCH ()-[x]->()");
  return { kind: "node", next: 0, lastNode, lastRelationship };
}

async function lastOf(run: Run, match: string): Promise<number> {
  const last = (await run(`${match} RETURN max(id(x)) AS last`)).scalar();
  return typeof last === "number" ? last : -1;
}

function after(cursor: EntriesCursor): EntriesCursor | null {
  const { kind, lastNode, lastRelationship } = cursor;
  const next = cursor.next + PAGE_IDS;
  if (next <= (kind === "node" ? lastNode : lastRelationship)) return { ...cursor, next };
  return kind === "node" ? { ...cursor, kind: "relationship", next: 0 } : null;
}

function idsOf(cursor: EntriesCursor, last: number): number[] {
  const length = Math.max(0, Math.min(PAGE_IDS, last + 1 - cursor.next));
  return Array.from({ length }, (_, at) => cursor.next + at);
}

async function nodesOf(
  { database }: Store,
  run: Run,
  cursor: EntriesCursor,
): Promise<GraphEntry[]> {
  const entities = new Entities();
  const nodes = idsOf(cursor, cursor.lastNode).flatMap((id) => {
    const node = database.getNode(id);
    if (node === null) return [];
    const properties = node.properties() as Record<string, unknown>;
    entities.collect({ ...properties, _id: id, _labels: [] });
    return [{ id, labels: node.labels, properties }];
  });
  await entities.look(run);
  return nodes.flatMap(({ id, labels, properties }): GraphEntry[] => {
    const { [KEY]: key, ...rest } = entities.nodeProperties(id, properties);
    return typeof key === "string" ? [{ kind: "node", key, labels, properties: rest }] : [];
  });
}

async function relationshipsOf(
  { database }: Store,
  run: Run,
  cursor: EntriesCursor,
): Promise<GraphEntry[]> {
  const entities = new Entities();
  const relationships = idsOf(cursor, cursor.lastRelationship).flatMap((id) => {
    const edge = database.getEdge(id);
    // One whose end came after the nodes had been told has nothing to hold on to.
    if (edge === null || Math.max(edge.sourceId, edge.targetId) > cursor.lastNode) return [];
    const properties = edge.properties() as Record<string, unknown>;
    const [start, end, type] = [edge.sourceId, edge.targetId, edge.edgeType];
    entities.collectRelationship({
      ...properties,
      _id: id,
      _source: start,
      _target: end,
      _type: type,
    });
    return [{ id, start, end, type, properties }];
  });
  await entities.look(run);
  // What has been deleted since it was read here has no ends any more.
  const whole = relationships.filter(({ start, end }) =>
    entities.hasKey(start) && entities.hasKey(end)
  );
  return whole.map(({ id, start, end, type, properties }): GraphEntry => ({
    kind: "relationship",
    start: entities.keyOf(start),
    end: entities.keyOf(end),
    type,
    properties: entities.relationshipProperties(id, properties),
  }));
}
