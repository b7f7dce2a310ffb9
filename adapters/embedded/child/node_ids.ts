import { KEY, type Run } from "./store.ts";

/** Rows that a statement is given at most; more make the engine's memory grow faster than its speed. */
const BATCH_ROWS = 5000;

/** The rows in pieces that one statement can take. */
export function* inBatches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += BATCH_ROWS) yield rows.slice(at, at + BATCH_ROWS);
}

/** The engine's ids of those nodes that are there, by key. */
export async function idsOf(run: Run, keys: readonly string[]): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const some of inBatches([...new Set(keys)])) {
    const found = await run(
      `UNWIND $keys AS key MATCH (n {${KEY}: key}) RETURN key, id(n) AS id`,
      { keys: some },
    );
    for (const [key, id] of found.rows()) ids.set(key as string, id as number);
  }
  return ids;
}

/** The keys of nodes, by the engine's ids; a node without one is left out. */
export async function keysOf(run: Run, ids: readonly number[]): Promise<Map<number, string>> {
  const keys = new Map<number, string>();
  for (const some of inBatches(ids)) {
    const found = await run(
      `MATCH (n) WHERE id(n) IN $ids RETURN id(n) AS id, n.${KEY} AS key`,
      { ids: some },
    );
    for (const [id, key] of found.rows()) {
      if (typeof key === "string") keys.set(id as number, key);
    }
  }
  return keys;
}
