import assert from "node:assert/strict";
import { recordsArchiveContract } from "../../../tests/contracts/records_archive.ts";
import { chainOf } from "../../../tests/fixtures/records_entries.ts";
import {
  localRevokedTokens,
  localRoles,
  recordsTrial,
} from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jRecordsArchive } from "./records_archive.ts";

const ignore = !await areRunning("records");

async function place() {
  const trial = await recordsTrial();
  const { notes, sqlite } = trial.open();
  const clock = { now: () => 0, monotonic: () => 0 };
  const local = {
    ...{ notes, waiting: 0 },
    roles: localRoles(sqlite),
    revokedTokens: localRevokedTokens(sqlite, clock),
  };
  return {
    local,
    open: (changes: Partial<typeof local> = {}) =>
      new Neo4jRecordsArchive({ ...trial.options, graph: null, local: { ...local, ...changes } }),
    [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
  };
}

if (ignore) {
  Deno.test.ignore("Neo4jRecordsArchive: the contract of archives (needs Neo4j) [B2]", () => {});
} else recordsArchiveContract("Neo4jRecordsArchive", place, { chains: "several" });

Deno.test({
  name:
    "Neo4jRecordsArchive has this instance go on with a chain that comes alone, and copies what " +
    "every request asks for (needs Neo4j) [B2, B11]",
  ignore,
  async fn() {
    await using at = await place();
    const { notes, roles, revokedTokens } = at.local;
    const events = chainOf("one", 3);
    const chain = { kind: "audit_chain", instance: "one", checkpoint: null } as const;
    await using archive = at.open();
    await archive.prepare(["one", "two"]);
    assert.equal(notes.read("instance"), null);
    await archive.prepare(["one"]);
    await archive.keep([chain]);
    await archive.keep(events);
    const { sequence, hash } = JSON.parse(notes.read("audit_head") ?? "");
    assert.deepEqual([notes.read("instance"), sequence, hash], ["one", 3, events[2]!.hash]);
    await archive.prepare(["two"]);
    await archive.keep([{ ...chain, instance: "two" }]);
    await archive.keep(chainOf("two", 5));
    assert.equal(notes.read("instance"), "one", "it has one already");
    assert.equal(JSON.parse(notes.read("audit_head") ?? "").sequence, 3);
    await archive.keep([{ kind: "roles", user: "ada", roles: ["viewer"] }]);
    await archive.keep([{ kind: "revoked_token", id: "stolen", until: null }]);
    assert.deepEqual(await roles.rolesOf("ada"), ["viewer"]);
    assert.equal(await revokedTokens.isRevoked("stolen"), true);
    await using waiting = at.open({ waiting: 2 });
    await assert.rejects(Array.fromAsync(waiting.entries()), /2 records wait in the outbox/);
  },
});
