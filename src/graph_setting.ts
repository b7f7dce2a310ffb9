import type { SettingReader } from "./setting_reader.ts";

/** Settings that say which engine keeps the graph. */
export const GRAPH_NAMES = [
  "GRAPH_BACKEND",
  "NEO4J_URI",
  "NEO4J_USER",
  "NEO4J_PASSWORD",
  "NEO4J_DATABASE",
  "NEO4J_MAX_POOL_SIZE",
  "NEO4J_ACQUISITION_TIMEOUT_SECONDS",
  "NEO4J_MAX_LIFETIME_SECONDS",
  "NEO4J_KEEP_ALIVE_SECONDS",
  "NEO4J_CONNECTION_TIMEOUT_SECONDS",
  "NEO4J_MAX_RETRY_SECONDS",
] as const;

type Name = (typeof GRAPH_NAMES)[number];
type Reader = SettingReader<Name>;

/** How a Neo4j database is reached. */
export interface Neo4jSetting {
  /** Empty where none is set. */
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly pool: {
    readonly size: number;
    readonly acquisitionSeconds: number;
    readonly lifetimeSeconds: number;
    readonly keepAliveSeconds: number;
    readonly connectSeconds: number;
  };
  readonly retrySeconds: number;
}

/** What those settings say: where the graph is kept. */
export interface GraphSetting {
  readonly backend: "embedded" | "neo4j";
  /** Of use where Neo4j keeps the graph. */
  readonly neo4j: Neo4jSetting;
}

const BACKENDS = ["embedded", "neo4j"] as const;
const USUAL_PORT = 7687;
const URI = "bolt://HOST:PORT or neo4j://HOST:PORT, with +s or +ssc for TLS, and nothing more";
const USER = "1 to 64 visible ASCII characters";
const DATABASE = "a database's name, other than 'system'";

/** Reads them. `cpus`: those of this machine. */
export function graphSetting(read: Reader, cpus: number): GraphSetting {
  const uri = read.text("NEO4J_URI", (text) => addressIn(text) !== null, URI);
  const backend = read.choice("GRAPH_BACKEND", BACKENDS) ?? (uri === null ? "embedded" : "neo4j");
  const neo4j = {
    uri: uri ?? "",
    user: read.text("NEO4J_USER", (text) => /^[!-~]{1,64}$/.test(text), USER) ?? "neo4j",
    password: read.secret("NEO4J_PASSWORD", passwordFaults) ?? "",
    database: read.text("NEO4J_DATABASE", isDatabase, DATABASE) ?? "neo4j",
    pool: {
      size: read.whole("NEO4J_MAX_POOL_SIZE", 1, 1000) ?? Math.min(cpus * 2 + 4, 100),
      acquisitionSeconds: read.whole("NEO4J_ACQUISITION_TIMEOUT_SECONDS", 1, 60) ?? 5,
      lifetimeSeconds: read.whole("NEO4J_MAX_LIFETIME_SECONDS", 1, 86_400) ?? 3600,
      keepAliveSeconds: read.whole("NEO4J_KEEP_ALIVE_SECONDS", 1, 3600) ?? 30,
      connectSeconds: read.whole("NEO4J_CONNECTION_TIMEOUT_SECONDS", 1, 60) ?? 10,
    },
    retrySeconds: read.whole("NEO4J_MAX_RETRY_SECONDS", 0, 60) ?? 15,
  };
  return { backend, neo4j };
}

/** What is wrong with them together. */
export function graphFaults(
  setting: GraphSetting,
  env: Readonly<Partial<Record<Name, string | undefined>>>,
): string[] {
  if (setting.backend === "embedded") return [];
  return (["NEO4J_URI", "NEO4J_PASSWORD"] as const)
    .filter((name) => !env[name])
    .map((name) => `${name} must be set where Neo4j keeps the graph`);
}

/** `HOST:PORT` of a database, as permissions have it; `null` for what is no address of one. */
export function addressIn(uri: string): string | null {
  const [, host = "", port] =
    /^(?:bolt|neo4j)(?:\+s|\+ssc)?:\/\/([\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::(\d{1,5}))?\/?$/
      .exec(uri) ?? [];
  const number = Number(port ?? USUAL_PORT);
  return host === "" || number < 1 || number > 65_535 ? null : `${host}:${number}`;
}

/** Whether a text can be the name of a database that is not the server's own. */
export function isDatabase(text: string): boolean {
  return /^[a-z][a-z\d.-]{2,62}$/i.test(text) && text.toLowerCase() !== "system";
}

/** What is wrong with a database's password. */
export function passwordFaults(text: string): string[] {
  return text.length <= 1024 && !/\p{Cc}/u.test(text)
    ? []
    : ["must be 1 to 1024 characters without control characters"];
}
