import type { SchemaItem } from "../../../domain/graph/schema.ts";
import { isLockFault, serviceFailure, unavailable } from "../faults.ts";
import type { Asking, Link } from "../link.ts";
import { quoted } from "../text.ts";

/** What became of one thing of the schema. */
export type ItemOutcome =
  | { readonly name: string; readonly outcome: "created" | "existing" }
  | { readonly name: string; readonly outcome: "failed"; readonly reason: string };

/** How long one change of the schema may take: a constraint looks at every node that is there. */
const CHANGE_SECONDS = 600;
const ONLINE_SECONDS = 600;
const MOST_TRIES = 10;
const ANSWER_MS = 5000;

const CONSTRAINTS = "SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties " +
  "WHERE entityType = 'NODE' RETURN name, type, labelsOrTypes, properties";
const INDEXES =
  "SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint " +
  "WHERE entityType = 'NODE' AND type = 'RANGE' AND owningConstraint IS NULL " +
  "RETURN name, type, labelsOrTypes, properties";
const AWAIT = `CALL db.awaitIndexes(${ONLINE_SECONDS})`;
/** The statements that look at the schema, or wait for it. */
export const SCHEMA_STATEMENTS: readonly string[] = [CONSTRAINTS, INDEXES, AWAIT];
/** What removes one. Whoever has chosen its name: quoted, that could be more than a name. */
export const DROPS = {
  unique: "DROP CONSTRAINT $name IF EXISTS",
  index: "DROP INDEX $name IF EXISTS",
} as const;
/** What each version calls a constraint under which no two nodes have the same values. */
const UNIQUE = /^(NODE_)?(PROPERTY_)?(UNIQUENESS|KEY)$/;

/** All indexes and uniqueness constraints of nodes that the database has, whoever made them. */
export async function listItems(
  link: Link,
  seconds = CHANGE_SECONDS,
): Promise<SchemaItem[]> {
  const items: SchemaItem[] = [];
  for (const [statement, kind] of [[CONSTRAINTS, "unique"], [INDEXES, "index"]] as const) {
    for (const [name, type, labels, properties] of await runSchema(link, statement, seconds)) {
      if (kind === "unique" && !UNIQUE.test(String(type))) continue;
      items.push({ name: String(name), kind, label: first(labels), properties: texts(properties) });
    }
  }
  return items;
}

/**
 * Makes what is not there yet, each in a transaction of its own, and waits until it is in use. What the
 * database says of that is not believed: `IF NOT EXISTS` does nothing where the name stands for something
 * else, so it is looked for afterwards. Safe while others do the same. Each statement may take so many
 * seconds.
 *
 * @throws {DomainError} `dependency_unavailable` when the database is away.
 */
export async function createItems(
  link: Link,
  items: readonly SchemaItem[],
  seconds = CHANGE_SECONDS,
): Promise<ItemOutcome[]> {
  const before = await listItems(link, seconds);
  const missing = items.filter((item) => !isAmong(item, before));
  const reasons = new Map<string, string>();
  for (const item of missing) {
    const reason = await refusalOf(link, item, seconds);
    if (reason !== null) reasons.set(item.name, reason);
  }
  if (missing.length > 0) await runSchema(link, AWAIT, seconds);
  const after = missing.length > 0 ? await listItems(link, seconds) : before;
  return items.map((item) => {
    const { name } = item;
    if (!isAmong(item, after)) {
      const reason = reasons.get(name) ?? `the name '${name}' stands for something else`;
      return { name, outcome: "failed", reason };
    }
    return { name, outcome: missing.includes(item) ? "created" : "existing" };
  });
}

/** Removes one by its name, whoever made it; what it was, `null` when there is none. */
export async function dropItem(link: Link, name: string): Promise<SchemaItem | null> {
  const found = (await listItems(link)).find((item) => item.name === name);
  if (found === undefined) return null;
  await runSchema(link, DROPS[found.kind], CHANGE_SECONDS, { name });
  return found;
}

/** @throws {DomainError} `dependency_unavailable` when something could not be made. */
export function ensureMade(outcomes: readonly ItemOutcome[]): void {
  for (const item of outcomes) {
    if (item.outcome === "failed") throw unavailable(`it has no '${item.name}': ${item.reason}`);
  }
}

/** Whether what an item is for is there, under whatever name. */
export function isAmong(item: SchemaItem, items: readonly SchemaItem[]): boolean {
  return items.some(({ kind, label, properties }) =>
    kind === item.kind && label === item.label && `${properties}` === `${item.properties}`
  );
}

/** Rows of a statement about the schema, in a transaction of its own. */
export async function runSchema(
  link: Link,
  statement: string,
  seconds = CHANGE_SECONDS,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<unknown[][]> {
  const asking: Asking = {
    mode: "write",
    timeoutMs: seconds * 1000,
    signal: new AbortController().signal,
    overdue: () => unavailable(`its schema was not changed within ${seconds} s`),
  };
  for (let tries = 1;; tries += 1) {
    try {
      return await answerOn(link, { statement, parameters }, asking);
    } catch (error) {
      // Two changes of one label at once can each wait for the other; the database ends one of them.
      if (!isLockFault(error) || tries === MOST_TRIES) throw serviceFailure(error);
      await new Promise((resolve) => setTimeout(resolve, 50 * tries * (0.5 + Math.random())));
    }
  }
}

/**
 * The rows, over a connection that is seen to answer first: one that was made while the database started
 * may never do so, and a change may rightly take long.
 */
async function answerOn(
  link: Link,
  { statement, parameters }: {
    readonly statement: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  },
  asking: Asking,
): Promise<unknown[][]> {
  const hold = await link.hold(asking);
  const { session, left } = hold;
  const late = () => unavailable(`a connection did not answer within ${ANSWER_MS / 1000} s`);
  try {
    await hold.within(Promise.resolve(session.run("RETURN 1")), Math.min(ANSWER_MS, left()), late);
    const running = session.run(statement, parameters, { timeout: left() });
    const { records } = await hold.within(Promise.resolve(running), left(), asking.overdue);
    return records.map((record) => [...record.values()]);
  } finally {
    hold.close();
  }
}

/** Why the database does not make one; `null` when it says that it has. */
async function refusalOf(link: Link, item: SchemaItem, seconds: number): Promise<string | null> {
  try {
    await runSchema(link, creationOf(item), seconds);
    return null;
  } catch (error) {
    const failure = serviceFailure(error);
    if (failure.failure.code === "graph_conflict") return failure.message;
    const permanent = failure.failure.code === "dependency_unavailable" &&
      failure.failure.transient === false;
    if (!permanent) throw failure;
    return failure.message;
  }
}

/** What makes one, unless its name is taken. */
export function creationOf({ kind, name, label, properties }: SchemaItem): string {
  const list = properties.map((property) => `n.${quoted(property)}`).join(", ");
  const node = `(n:${quoted(label)})`;
  return kind === "unique"
    ? `CREATE CONSTRAINT ${quoted(name)} IF NOT EXISTS FOR ${node} REQUIRE (${list}) IS UNIQUE`
    : `CREATE RANGE INDEX ${quoted(name)} IF NOT EXISTS FOR ${node} ON (${list})`;
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function first(list: unknown): string {
  return texts(list)[0] ?? "";
}
