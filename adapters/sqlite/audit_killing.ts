import assert from "node:assert/strict";
import { foundBy } from "../../tests/contracts/audit_log.ts";
import { auditFile } from "./audit_fixture.ts";
import { verifyAudit } from "./audit_verifier.ts";
import { SqliteExecutionRecords } from "./execution_records.ts";
import { spawnProgram } from "./testdata/child_process.ts";

/**
 * Ends a process that records and audits under load with SIGKILL, so many times over one database, each
 * time at another moment. Every acknowledged event and record must be there, and the chain verify.
 */
export async function killUnderLoad(kills: number): Promise<void> {
  await using file = await auditFile();
  const acknowledged = new Set<string>();
  for (let kill = 0; kill < kills; kill += 1) {
    await using child = spawnProgram("audit_until_killed.ts", file.directory, file.path);
    const enough = acknowledged.size + 20 + (kill % 7) * 13;
    while (acknowledged.size < enough) acknowledged.add(await child.line() ?? assert.fail("ended"));
    for (const id of await child.kill()) acknowledged.add(id);
    const { faults, count } = await verifyAudit(file);
    assert.deepEqual(faults, [], `after ${kill + 1} kills`);
    assert.ok(count >= acknowledged.size);
  }
  await using audit = file.open();
  const found = new Set((await foundBy(audit, {}, 1000)).map(({ id }) => id));
  const missing = [...acknowledged].filter((id) => !found.has(id));
  assert.deepEqual(missing, []);
  const records = new SqliteExecutionRecords(audit.database);
  for (const id of acknowledged) assert.notEqual(await records.find(id), null);
}
