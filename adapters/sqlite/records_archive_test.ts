import assert from "node:assert/strict";
import { recordsArchiveContract } from "../../tests/contracts/records_archive.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { chainOf } from "../../tests/fixtures/records_entries.ts";
import { auditFile } from "./audit_fixture.ts";
import { verifyAudit } from "./audit_verifier.ts";
import { openRecordsArchive } from "./records_archive.ts";

async function place() {
  const file = await auditFile();
  return { ...file, open: () => openRecordsArchive({ ...file, clock: new ManualClock() }) };
}

recordsArchiveContract("SqliteRecordsArchive", place, { chains: "one" });

Deno.test("SqliteRecordsArchive keeps a chain's head apart, and refuses where that does not go with it [B2, B11]", async () => {
  await using at = await place();
  const events = chainOf("one", 7);
  {
    await using archive = at.open();
    await archive.prepare(["one"]);
    await archive.keep([{ kind: "audit_chain", instance: "one", checkpoint: null }]);
    await archive.keep(events.slice(0, 3));
    await archive.keep(events.slice(3));
  }
  const report = await verifyAudit(at);
  const last = { sequence: 7, hash: events[6]!.hash };
  assert.deepEqual([report.faults, report.kept, report.instance], [[], [last], "one"]);
  await Deno.writeTextFile(
    `${at.directory}/audit_head.json`,
    JSON.stringify({ instance: "one", sequence: 8, hash: "0".repeat(64), time: "" }),
  );
  await using archive = at.open();
  await assert.rejects(archive.prepare(["one"]), /does not go with its chain/);
});

Deno.test("SqliteRecordsArchive gives nothing while events wait in the spill file [B2, B11]", async () => {
  await using at = await place();
  await using archive = at.open();
  await Deno.writeTextFile(`${at.directory}/audit_spill.ndjson`, "an event\n");
  await assert.rejects(Array.fromAsync(archive.entries()), /start the service once/);
});
