import neo4j from "neo4j-driver";
import type { LogField } from "../../domain/ports/log.ts";
import { type Neo4jGraph, openNeo4jGraph } from "./engine.ts";
import type { Neo4jOptions } from "./options.ts";

/** Where the database for tests stands. */
export const TEST_DATABASE = {
  uri: "bolt://127.0.0.1:27817",
  user: "neo4j",
  password: "graph-graph-1",
  database: "neo4j",
} as const;

/** What was logged, by event. */
export interface Line {
  readonly event: string;
  readonly fields: Readonly<Record<string, LogField>>;
}

/** An empty database, and how the graph in it is opened. */
export interface TrialPlace extends AsyncDisposable {
  readonly lines: readonly Line[];
  open(): Promise<Neo4jGraph>;
}

/** Empties the database. It is the only one that there is: one place at a time. */
export async function trialPlace(changes: Partial<Neo4jOptions> = {}): Promise<TrialPlace> {
  await empty();
  const lines: Line[] = [];
  const options: Neo4jOptions = {
    ...TEST_DATABASE,
    pool: { size: 8, acquisitionSeconds: 5, lifetimeSeconds: 3600, connectSeconds: 10 },
    retrySeconds: 15,
    log: { write: (_level, event, fields = {}) => void lines.push({ event, fields }) },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    ...changes,
  };
  return { lines, open: () => openNeo4jGraph(options), [Symbol.asyncDispose]: empty };
}

async function empty(): Promise<void> {
  const { uri, user, password, database } = TEST_DATABASE;
  await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  await driver.executeQuery("MATCH (n) DETACH DELETE n", {}, { database });
}
