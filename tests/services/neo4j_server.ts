import type { Neo4jInstall } from "./neo4j_install.ts";

/** What a server can be told besides. */
export interface Neo4jOptions {
  /** Lines of `neo4j.conf`, by name. One that stands there already is replaced. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The whole process takes about as much again. */
  readonly heapMegabytes?: number;
  /** For a server that ends soon: half the processor's time for its start, slower from then on. Default: `false`. */
  readonly quick?: boolean;
}

const JAVA_OPTIONS = [
  "--add-opens=java.base/java.nio=ALL-UNNAMED",
  "--add-opens=java.base/java.io=ALL-UNNAMED",
  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
  "--enable-native-access=ALL-UNNAMED",
  "-Dio.netty.tryReflectionSetAccessible=true",
  "-Dlog4j2.disable.jmx=true",
];

const QUICK_OPTIONS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/**
 * Prepares a server's folder, which need not exist, and gives the command that becomes the server,
 * with Bolt on `port`. A folder that has data keeps them.
 */
export async function prepareNeo4j(
  install: Neo4jInstall,
  { folder, port }: { readonly folder: string; readonly port: number },
  { settings = {}, heapMegabytes = 512, quick = false }: Neo4jOptions = {},
): Promise<string[]> {
  await Deno.mkdir(`${folder}/conf`, { recursive: true });
  await Deno.mkdir(`${folder}/data/dbms`, { recursive: true });
  const lines = Object.entries({ ...settingsFor(port), ...settings })
    .map(([name, value]) => `${name}=${value}\n`);
  await Deno.writeTextFile(`${folder}/conf/neo4j.conf`, lines.join(""));
  if (await isAbsent(`${folder}/data/databases`)) {
    await Deno.copyFile(install.auth, `${folder}/data/dbms/auth.ini`);
  }
  return [
    install.java,
    `-XX:SharedArchiveFile=${install.classes}`,
    `-Xms${heapMegabytes}m`,
    `-Xmx${heapMegabytes}m`,
    ...JAVA_OPTIONS,
    ...(quick ? QUICK_OPTIONS : []),
    ...["-cp", `${install.lib}/*`, "org.neo4j.server.CommunityEntryPoint"],
    ...[`--home-dir=${folder}`, `--config-dir=${folder}/conf`],
  ];
}

/** As production should have them, but for the sizes: a statement can then reach nothing of the host. */
function settingsFor(port: number): Record<string, string> {
  return {
    "server.default_listen_address": "127.0.0.1",
    "server.bolt.listen_address": `127.0.0.1:${port}`,
    "server.bolt.advertised_address": `127.0.0.1:${port}`,
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.pagecache.size": "64m",
    "dbms.usage_report.enabled": "false",
    "db.tx_log.preallocate": "false",
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
    "db.transaction.monitor.check.interval": "100ms",
    "db.memory.transaction.max": "256m",
  };
}

async function isAbsent(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
