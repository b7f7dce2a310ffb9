import type { Schema } from "../domain/graph/schema.ts";
import { GRAPH_SCHEMA, RECORDS_SCHEMA } from "../domain/graph/schema.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { newRandomId } from "../adapters/system/ids.ts";
import type { Config } from "./config.ts";

/** What has become of the schema of one of the places where things are kept. */
export interface PlaceReport {
  readonly place: "graph" | "records";
  readonly backend: string;
  /** Empty where the backend brings itself up to date when it is opened. */
  readonly steps: readonly StepReport[];
}

/** One step: its name, and `recorded`, `done` or `pending`. */
export interface StepReport {
  readonly name: string;
  readonly standing: string;
  /** Each thing it adds, and whether that is `created`, `existing` or not there. */
  readonly items: readonly { readonly name: string; readonly outcome: string }[];
}

/** Migrates the graph's database and the records', or tells what would be done (`dryRun`). */
export async function migrateAll(config: Config, dryRun: boolean): Promise<PlaceReport[]> {
  return [
    { place: "graph", backend: config.graph.backend, steps: await inGraph(config, dryRun) },
    { place: "records", backend: config.records.backend, steps: await inRecords(config, dryRun) },
  ];
}

async function inGraph({ graph }: Config, dryRun: boolean): Promise<readonly StepReport[]> {
  return graph.backend === "neo4j" ? await inNeo4j(graph.neo4j, GRAPH_SCHEMA, dryRun) : [];
}

async function inRecords(
  { graph, records }: Config,
  dryRun: boolean,
): Promise<readonly StepReport[]> {
  if (records.backend !== "neo4j") return [];
  const reached = { ...graph.neo4j, ...records.neo4j };
  return await inNeo4j(reached, RECORDS_SCHEMA, dryRun, graph.backend === "neo4j" ? graph : null);
}

async function inNeo4j(
  setting: Config["graph"]["neo4j"],
  schema: Schema,
  dryRun: boolean,
  graph: Config["graph"] | null = null,
): Promise<readonly StepReport[]> {
  const { migrateDatabase } = await import("../adapters/neo4j/migrations/database.ts");
  const around = { clock: systemClock, log: { write: () => {} } };
  const other = graph === null ? null : { ...graph.neo4j, ...around };
  const options = { ...setting, ...around };
  return await migrateDatabase(options, schema, { dryRun, owner: newRandomId(), other });
}
