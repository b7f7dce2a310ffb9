import { addressIn, isDatabase, type Neo4jSetting, passwordFaults } from "./graph_setting.ts";
import type { SettingReader } from "./setting_reader.ts";

/** Settings that say where records are kept. */
export const RECORDS_NAMES = [
  "RECORDS_BACKEND",
  "RECORDS_NEO4J_URI",
  "RECORDS_NEO4J_DATABASE",
  "RECORDS_NEO4J_USER",
  "RECORDS_NEO4J_PASSWORD",
] as const;

type Name = (typeof RECORDS_NAMES)[number];

/** How the database of the records is reached. */
export type RecordsDatabaseSetting = Pick<Neo4jSetting, "uri" | "user" | "password" | "database">;

/** What those settings say. */
export interface RecordsSetting {
  readonly backend: "sqlite" | "neo4j";
  /** Of use where Neo4j keeps the records. */
  readonly neo4j: RecordsDatabaseSetting;
}

const URI = "bolt://HOST:PORT or neo4j://HOST:PORT, with +s or +ssc for TLS, and nothing more";
const USER = "1 to 64 visible ASCII characters";
const DATABASE = "a database's name, other than 'system'";

/** Reads them. */
export function recordsSetting(read: SettingReader<Name>): RecordsSetting {
  return {
    backend: read.choice("RECORDS_BACKEND", ["sqlite", "neo4j"]) ?? "sqlite",
    neo4j: {
      uri: read.text("RECORDS_NEO4J_URI", (text) => addressIn(text) !== null, URI) ?? "",
      user: read.text("RECORDS_NEO4J_USER", (text) => /^[!-~]{1,64}$/.test(text), USER) ?? "neo4j",
      password: read.secret("RECORDS_NEO4J_PASSWORD", passwordFaults) ?? "",
      database: read.text("RECORDS_NEO4J_DATABASE", isDatabase, DATABASE) ?? "neo4j",
    },
  };
}

/** What is wrong with them together, and with where the graph is kept. */
export function recordsFaults(
  { backend, neo4j }: RecordsSetting,
  graph: { readonly backend: "embedded" | "neo4j"; readonly neo4j: RecordsDatabaseSetting },
  env: Readonly<Partial<Record<Name, string | undefined>>>,
): string[] {
  if (backend === "sqlite") return [];
  const missing = (["RECORDS_NEO4J_URI", "RECORDS_NEO4J_PASSWORD"] as const)
    .filter((name) => !env[name])
    .map((name) => `${name} must be set where Neo4j keeps the records`);
  const same = graph.backend === "neo4j" && neo4j.uri !== "" &&
    addressIn(neo4j.uri) === addressIn(graph.neo4j.uri) &&
    neo4j.database.toLowerCase() === graph.neo4j.database.toLowerCase();
  if (!same) return missing;
  return [
    ...missing,
    "RECORDS_NEO4J_URI and RECORDS_NEO4J_DATABASE must name another database than the graph's: " +
    "whoever may query the graph would read the records",
  ];
}
