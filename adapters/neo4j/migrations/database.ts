import type { Schema, SchemaItem } from "../../../domain/graph/schema.ts";
import { serviceFailure } from "../faults.ts";
import { Link } from "../link.ts";
import type { Neo4jOptions } from "../options.ts";
import { databaseId } from "../known_database.ts";
import { recordsFailure, sameDatabase } from "../records/database.ts";
import { dropItem, listItems } from "./items.ts";
import {
  isOurs,
  migrate,
  type MigrateOptions,
  planMigrations,
  type StepReport,
} from "./migrate.ts";

/** How a database is migrated from outside the service. */
export interface MigrateDatabaseOptions extends MigrateOptions {
  /** Only tells what would be done. */
  readonly dryRun?: boolean;
  /** A database that must not be the same; `null` where there is none. */
  readonly other?: Neo4jOptions | null;
}

/** Connects to a database, brings it to a schema and leaves it. @throws {DomainError} */
export async function migrateDatabase(
  database: Neo4jOptions,
  schema: Schema,
  { dryRun = false, other = null, ...options }: MigrateDatabaseOptions,
): Promise<StepReport[]> {
  await using link = new Link(database, schema.name === "records" ? "records" : "graph");
  const others = other === null ? null : await idOf(other);
  try {
    if (others !== null && await databaseId(link) === others) throw sameDatabase();
    return dryRun ? await planMigrations(link, schema) : await migrate(link, schema, options);
  } catch (error) {
    throw schema.name === "records" ? recordsFailure(error) : serviceFailure(error);
  }
}

/** A thing of a database's schema, and whether this program needs it. */
export interface ListedItem extends SchemaItem {
  readonly ours: boolean;
}

/** All that a database's schema has for nodes, whoever made it. @throws {DomainError} */
export async function listSchema(database: Neo4jOptions, schema: Schema): Promise<ListedItem[]> {
  await using link = new Link(database);
  try {
    return (await listItems(link)).map((item) => ({ ...item, ours: isOurs(item, schema) }));
  } catch (error) {
    throw schema.name === "records" ? recordsFailure(error) : serviceFailure(error);
  }
}

/** Removes one thing of it by its name; `false` when there is none. @throws {DomainError} */
export async function dropFromSchema(
  database: Neo4jOptions,
  schema: Schema,
  name: string,
): Promise<boolean> {
  await using link = new Link(database);
  try {
    return await dropItem(link, name) !== null;
  } catch (error) {
    throw schema.name === "records" ? recordsFailure(error) : serviceFailure(error);
  }
}

async function idOf(options: Neo4jOptions): Promise<string> {
  await using link = new Link(options);
  return await databaseId(link);
}
