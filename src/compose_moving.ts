import { NdjsonFile } from "../adapters/records_file/ndjson_file.ts";
import { openDataDir } from "../adapters/sqlite/data_dir.ts";
import { openDatabase } from "../adapters/sqlite/database.ts";
import { openOutboxes } from "../adapters/sqlite/outbox.ts";
import { openRecordsArchive } from "../adapters/sqlite/records_archive.ts";
import { SqliteRevokedTokens } from "../adapters/sqlite/revoked_tokens.ts";
import { SqliteRoleStore } from "../adapters/sqlite/role_store.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { newRandomId } from "../adapters/system/ids.ts";
import { exportRecords, importRecords } from "../application/move_records.ts";
import type { RecordsArchive } from "../domain/ports/records_archive.ts";
import type { EntryTally } from "../domain/records/entry.ts";
import { verifyChains } from "./compose_audit.ts";
import { databasePath, OUTBOXES, outboxPath } from "./compose_stores.ts";
import type { Config } from "./config.ts";

/** What is done with the records. */
export type Moving =
  | {
    readonly way: "export";
    /** Only this instance's audit chain; `null`: all of them. */
    readonly instance: string | null;
    /** Whether an audit that does not verify is moved as it is. */
    readonly unverified: boolean;
  }
  | { readonly way: "import" };

/**
 * Moves the records of this configuration into a file or out of one, while nobody else owns the data
 * directory.
 *
 * @throws {DataDirHeld} when a service owns it.
 * @throws {Error} when the file or the store is not fit for it.
 */
export async function moveRecords(
  config: Config,
  path: string,
  moving: Moving,
): Promise<EntryTally> {
  await using stack = new AsyncDisposableStack();
  const held = { path: config.dataDir, holder: "nothing: it moves records", clock: systemClock };
  if (moving.way === "export") await Deno.stat(config.dataDir);
  stack.use(await openDataDir(held));
  if (moving.way === "export" && !moving.unverified) await judgeAudit(config);
  const archive = await openArchive(config, moving, stack);
  const file = new NdjsonFile(path);
  if (moving.way === "import") return await importRecords(file, archive);
  return await exportRecords(archive, file, moving);
}

/** Where it has been moved to, a chain has no head from before the fault, and might verify. */
async function judgeAudit(config: Config): Promise<void> {
  const reports = await verifyChains(config);
  if (reports.every(({ faultCount }) => faultCount === 0)) return;
  throw new Error("the audit does not verify: see audit:verify, or move it so with --unverified");
}

async function openArchive(
  config: Config,
  { way }: Moving,
  stack: AsyncDisposableStack,
): Promise<RecordsArchive> {
  const { dataDir: directory, graph, records } = config;
  const clock = systemClock;
  if (records.backend === "sqlite") {
    const path = databasePath(config);
    // Opening makes it: an export of nothing would be taken for one of everything.
    if (way === "export") await Deno.stat(path);
    return stack.use(openRecordsArchive({ path, directory, clock }));
  }
  const { Neo4jRecordsArchive } = await import("../adapters/neo4j/records/records_archive.ts");
  const database = stack.use(openDatabase({ path: outboxPath(config) }));
  const { notes, outbox } = openOutboxes(database);
  const local = {
    notes,
    waiting: OUTBOXES.reduce((sum, name) => sum + outbox(name).waiting, 0),
    roles: new SqliteRoleStore(database),
    revokedTokens: new SqliteRevokedTokens(database, clock),
  };
  const around = { clock, log: { write: () => {} } };
  const reached = { ...graph.neo4j, ...records.neo4j, ...around, owner: newRandomId() };
  const graphs = graph.backend === "neo4j" ? { ...graph.neo4j, ...around } : null;
  return stack.use(new Neo4jRecordsArchive({ ...reached, graph: graphs, local }));
}
