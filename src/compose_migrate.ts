import type { Neo4jOptions } from "../adapters/neo4j/options.ts";
import type { Schema, SchemaItem } from "../domain/graph/schema.ts";
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
    {
      place: "graph",
      backend: config.graph.backend,
      steps: await stepsIn(config, "graph", dryRun),
    },
    {
      place: "records",
      backend: config.records.backend,
      steps: await stepsIn(config, "records", dryRun),
    },
  ];
}

/** Where a database is, and what it must have. */
interface Place {
  readonly place: PlaceReport["place"];
  readonly schema: Schema;
  readonly options: Neo4jOptions;
}

/** The places that Neo4j keeps. */
function placesIn({ graph, records }: Config): Place[] {
  const around = { clock: systemClock, log: { write: () => {} } };
  const options = { ...graph.neo4j, ...around };
  const own = { ...options, ...records.neo4j };
  return [
    ...graph.backend === "neo4j"
      ? [{ place: "graph", schema: GRAPH_SCHEMA, options } as const]
      : [],
    ...records.backend === "neo4j"
      ? [{ place: "records", schema: RECORDS_SCHEMA, options: own } as const]
      : [],
  ];
}

async function stepsIn(
  config: Config,
  name: Place["place"],
  dryRun: boolean,
): Promise<readonly StepReport[]> {
  const places = placesIn(config);
  const at = places.find(({ place }) => place === name);
  if (at === undefined) return [];
  const graph = places.find(({ place }) => place === "graph");
  const other = name === "graph" ? null : graph?.options ?? null;
  const { migrateDatabase } = await import("../adapters/neo4j/migrations/database.ts");
  return await migrateDatabase(at.options, at.schema, { dryRun, owner: newRandomId(), other });
}

/** A thing of a database's schema, where it is, and whether this program needs it. */
export interface PlacedItem extends SchemaItem {
  readonly place: PlaceReport["place"];
  readonly ours: boolean;
}

/** All that the schemas of the databases that are set have for nodes, whoever made it. */
export async function listAll(config: Config): Promise<PlacedItem[]> {
  const { listSchema } = await import("../adapters/neo4j/migrations/database.ts");
  const lists = placesIn(config).map(async ({ place, schema, options }) =>
    (await listSchema(options, schema)).map((item) => ({ place, ...item }))
  );
  return (await Promise.all(lists)).flat();
}

/**
 * Removes one thing of a schema by its name, and tells what it was. `within` says in which of two databases.
 *
 * @throws {Error} when it is in none of them, or in both and it is not said in which.
 */
export async function dropByName(
  config: Config,
  name: string,
  within: string | null,
): Promise<PlacedItem> {
  const named = (await listAll(config)).filter((item) => item.name === name);
  const [found, another] = named.filter(({ place }) => within === null || place === within);
  const at = placesIn(config).find(({ place }) => place === found?.place);
  if (found === undefined || at === undefined) throw new Error(`there is no '${name}'`);
  if (another !== undefined) throw new Error(`both have '${name}': say --in graph or --in records`);
  const { dropFromSchema } = await import("../adapters/neo4j/migrations/database.ts");
  if (!await dropFromSchema(at.options, at.schema, name)) throw new Error(`there is no '${name}'`);
  return found;
}
