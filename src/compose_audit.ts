import { verifyAudit } from "../adapters/sqlite/audit_verifier.ts";
import { viewOutbox } from "../adapters/sqlite/outbox_view.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { newRandomId } from "../adapters/system/ids.ts";
import type { ChainReport, ReportedHead } from "../domain/audit/chain_report.ts";
import { databasePath, outboxPath } from "./compose_stores.ts";
import type { Config } from "./config.ts";

/**
 * Verifies the audit of this configuration; a report for each chain. `heads` are of this instance's own,
 * which somebody has from elsewhere, such as the log.
 *
 * @throws {Error} when it cannot be read.
 */
export async function verifyChains(
  config: Config,
  heads: readonly ReportedHead[] = [],
): Promise<ChainReport[]> {
  if (config.records.backend === "neo4j") return await inNeo4j(config, heads);
  return [await verifyAudit({ path: databasePath(config), directory: config.dataDir, heads })];
}

async function inNeo4j(
  config: Config,
  heads: readonly ReportedHead[],
): Promise<ChainReport[]> {
  const { RecordsDatabase } = await import("../adapters/neo4j/records/database.ts");
  const { verifyChains } = await import("../adapters/neo4j/records/audit_verifier.ts");
  const { HEAD_NOTE } = await import("../adapters/neo4j/records/audit_log.ts");
  const { lostHeadsIn, LOST_NOTE } = await import("../adapters/neo4j/records/lost_heads.ts");
  const { INSTANCE_NOTE } = await import("../adapters/neo4j/records/open.ts");
  const seen = await viewOutbox(outboxPath(config), (view) => ({
    instance: view.note(INSTANCE_NOTE),
    heads: [...headsIn(view.note(HEAD_NOTE)), ...lostHeadsIn(view.note(LOST_NOTE)), ...heads],
    waiting: view.waiting("audit"),
  }));
  if (heads.length > 0 && !seen?.instance) {
    throw new Error("--head is of this DATA_DIR's instance, and there is none");
  }
  const around = { clock: systemClock, log: { write: () => {} }, owner: newRandomId() };
  const reached = { ...config.graph.neo4j, ...config.records.neo4j, ...around };
  await using database = new RecordsDatabase(reached);
  const own = seen === null || seen.instance === null ? null : { ...seen, instance: seen.instance };
  return await verifyChains(database, own);
}

function headsIn(note: string | null): ReportedHead[] {
  if (note === null) return [];
  const { sequence, hash } = JSON.parse(note);
  return [{ sequence: Number(sequence), hash: String(hash) }];
}
