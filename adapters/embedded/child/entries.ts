import type { GraphEntry } from "../../../domain/graph/batch.ts";
import type { EntriesCursor, EntriesPage } from "../messages.ts";
import { Entities } from "./entities.ts";
import { KEY, type Run, type Store } from "./store.ts";

/** Ids looked at for one page; some may have nothing behind them. */
const PAGE_IDS = 1000;
/** Characters after which a page ends though it has fewer: a text may have a million of them. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;

/** How far a page goes. */
class Page {
  /** The first id that is not looked at any more. */
  next: number;
  readonly #end: number;
  #characters = 0;

  constructor(cursor: EntriesCursor, last: number) {
    this.next = cursor.next;
    this.#end = Math.min(cursor.next + PAGE_IDS, last + 1);
  }

  /** The ids, each asked for when what stands behind the one before it is known. */
  *ids(): Generator<number, void> {
    while (this.next < this.#end && this.#characters < PAGE_CHARACTERS) yield this.next++;
  }

  /** Counts what was found. */
  holds(properties: Readonly<Record<string, unknown>>): void {
    for (const value of Object.values(properties)) {
      for (const part of Array.isArray(value) ? value : [value]) {
        if (typeof part === "string") this.#characters += part.length;
      }
    }
  }
}

/** A page of the export: nodes by their ids, then relationships by theirs, as far as they went at its start. */
export function entriesFrom(store: Store, given: EntriesCursor | null): Promise<EntriesPage> {
  return store.read(async (run) => {
    const cursor = given ?? await beginning(run);
    const { kind, lastNode, lastRelationship } = cursor;
    const page = new Page(cursor, kind === "node" ? lastNode : lastRelationship);
    const entries = kind === "node"
      ? await nodesOf(store, run, page)
      : await relationshipsOf(store, run, { page, lastNode });
    return { entries, cursor: after(cursor, page.next) };
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

function after(cursor: EntriesCursor, next: number): EntriesCursor | null {
  const { kind, lastNode, lastRelationship } = cursor;
  if (next <= (kind === "node" ? lastNode : lastRelationship)) return { ...cursor, next };
  return kind === "node" ? { ...cursor, kind: "relationship", next: 0 } : null;
}

async function nodesOf(
  { database }: Store,
  run: Run,
  page: Page,
): Promise<GraphEntry[]> {
  const entities = new Entities();
  const nodes = page.ids().flatMap((id) => {
    const node = database.getNode(id);
    if (node === null) return [];
    const properties = node.properties() as Record<string, unknown>;
    page.holds(properties);
    entities.collect({ ...properties, _id: id, _labels: [] });
    return [{ id, labels: node.labels, properties }];
  }).toArray();
  await entities.look(run);
  return nodes.flatMap(({ id, labels, properties }): GraphEntry[] => {
    const { [KEY]: key, ...rest } = entities.nodeProperties(id, properties);
    return typeof key === "string" ? [{ kind: "node", key, labels, properties: rest }] : [];
  });
}

async function relationshipsOf(
  { database }: Store,
  run: Run,
  { page, lastNode }: { readonly page: Page; readonly lastNode: number },
): Promise<GraphEntry[]> {
  const entities = new Entities();
  const relationships = page.ids().flatMap((id) => {
    const edge = database.getEdge(id);
    // One whose end came after the nodes had been told has nothing to hold on to.
    if (edge === null || Math.max(edge.sourceId, edge.targetId) > lastNode) return [];
    const properties = edge.properties() as Record<string, unknown>;
    page.holds(properties);
    const [start, end, type] = [edge.sourceId, edge.targetId, edge.edgeType];
    entities.collectRelationship({
      ...properties,
      _id: id,
      _source: start,
      _target: end,
      _type: type,
    });
    return [{ id, start, end, type, properties }];
  }).toArray();
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
