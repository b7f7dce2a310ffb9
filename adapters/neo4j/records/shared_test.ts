import assert from "node:assert/strict";
import { foundBy, sampleEvent, timeAt } from "../../../tests/contracts/audit_log.ts";
import { sampleRecord } from "../../../tests/contracts/execution_records.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import {
  localRevokedTokens,
  localRoles,
  type OpenedParts,
  recordsTrial,
  rowsOf,
} from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jAuditLog } from "./audit_log.ts";
import { encodeRecord } from "./body.ts";
import { hashOf, originOf } from "./chain.ts";
import { Neo4jExecutionRecords } from "./execution_records.ts";
import { MirroredRoles } from "./mirrored_roles.ts";
import { Neo4jRetention } from "./retention.ts";
import { Neo4jRevokedTokens } from "./revoked_tokens.ts";
import { Neo4jRoleStore } from "./role_store.ts";

const ignore = !await areRunning("records");

async function handedOver(outbox: { readonly waiting: number }): Promise<void> {
  await eventually("the outbox be empty", () => Promise.resolve(outbox.waiting === 0 || null), 30);
}

Deno.test({
  name:
    "Neo4jExecutionRecords gives back from the database what every field and byte was (needs Neo4j) [B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    const { outbox, ...parts } = trial.open();
    const executions = outbox("executions");
    await using records = new Neo4jExecutionRecords({ ...parts, outbox: executions });
    const content = new Uint8Array(9_000_001).map((_, at) => at * 31 >> 3);
    const all = [
      sampleRecord(),
      sampleRecord({ owner: "a\0\ud800", stdout: "\0'\";--\ud800\r\n😀" + "x".repeat(3_000_000) }),
      sampleRecord({
        files: [{ path: "é\0", content }, { path: "empty", content: new Uint8Array() }],
      }),
    ];
    await Promise.all(all.map((record) => records.save(record)));
    await handedOver(executions);
    for (const record of all) assert.deepEqual(await records.find(record.id), record);
    // As after a kill between the database's commit and the outbox's.
    await executions.put(all[0]!.id, encodeRecord({ ...all[0]!, stdout: "again" }));
    await records.save(sampleRecord());
    await handedOver(executions);
    assert.deepEqual(await records.find(all[0]!.id), all[0]);
    const rows = await rowsOf(trial.options, "MATCH (r:ExecutionResult) RETURN r.id AS id");
    assert.equal(rows.length, 4);
  },
});

Deno.test({
  name:
    "Neo4jExecutionRecords passes over a record that the database refuses, and keeps it (needs Neo4j) [B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    const { outbox, ...parts } = trial.open();
    const executions = outbox("executions");
    await parts.database.ready();
    const name = "one_owner_one_record";
    const unique = `CREATE CONSTRAINT ${name} FOR (r:ExecutionResult) REQUIRE r.owner IS UNIQUE`;
    await rowsOf(trial.options, unique);
    await using _constraint = {
      [Symbol.asyncDispose]: async () => {
        await rowsOf(trial.options, `DROP CONSTRAINT ${name} IF EXISTS`);
      },
    };
    const all = ["ada", "ada", "bob"].map((owner) => sampleRecord({ owner }));
    {
      await using records = new Neo4jExecutionRecords({ ...parts, outbox: executions });
      await Promise.all(all.map((record) => records.save(record)));
      await eventually("all but one be handed over", () => {
        return Promise.resolve(executions.waiting === 1 || null);
      }, 30);
      assert.deepEqual(await Promise.all(all.map(({ id }) => records.find(id))), all);
      const waits = await Promise.allSettled(all.map(({ id }) => records.isWaiting(id)));
      assert.deepEqual(waits.map(({ status }) => status).sort(), [
        ...["fulfilled", "fulfilled", "rejected"],
      ]);
    }
    assert.equal(trial.lines.filter(({ event }) => event === "record_refused").length, 1);
    const rows = await rowsOf(trial.options, "MATCH (r:ExecutionResult) RETURN r.owner AS owner");
    assert.deepEqual(rows.map(({ owner }) => owner).sort(), ["ada", "bob"]);
  },
});

Deno.test({
  name: "two instances write chains of their own, which verify, and search each other's events " +
    "(needs Neo4j) [S33, B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    await using elsewhere = await recordsTrial();
    const logs = [trial, elsewhere].map((at, number) => logOf(at.open(), `instance-${number}`));
    const events = Array.from({ length: 40 }, () => sampleEvent({ time: timeAt(0) }));
    await Promise.all(events.map((event, at) => logs[at % 2]!.append(event)));
    for (const log of logs) await handedOver(log);
    for (const log of logs) {
      const found = await foundBy(log, { userId: "alice" }, 7);
      assert.deepEqual(found.map(({ id }) => id).sort(), events.map(({ id }) => id).sort());
    }
    for (const instance of ["instance-0", "instance-1"]) {
      const rows = await rowsOf(
        trial.options,
        `MATCH (e:AuditEvent {instance: '${instance}'})
         RETURN e.sequence AS sequence, e.event AS event, e.hash AS hash ORDER BY sequence`,
      );
      let hash = originOf(instance);
      rows.forEach((row, at) => {
        assert.equal(Number(row["sequence"]), at + 1);
        hash = hashOf(hash, at + 1, String(row["event"]));
        assert.equal(row["hash"], hash);
      });
      assert.equal(rows.length, 20);
    }
    for (const log of logs) await log[Symbol.asyncDispose]();
  },
});

Deno.test({
  name: "the audit tells when its database has lost the end of the chain (needs Neo4j) [S33, B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    {
      await using log = logOf(trial.open(), "one");
      for (let at = 0; at < 5; at += 1) await log.append(sampleEvent());
      await handedOver(log);
      assert.equal(await log.violation(), null);
    }
    {
      await using log = logOf(trial.open(), "one");
      assert.equal(await log.violation(), null, "nothing is lost by closing");
    }
    await rowsOf(trial.options, "MATCH (e:AuditEvent) WHERE e.sequence > 3 DELETE e");
    await using log = logOf(trial.open(), "one");
    assert.equal(await log.violation(), "audit_tail_lost");
  },
});

Deno.test({
  name:
    "retention takes the oldest of the chain, which goes on from what is left (needs Neo4j) [S33, B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    const opened = trial.open();
    await using log = logOf(opened, "one");
    for (let at = 0; at < 5; at += 1) await log.append(sampleEvent({ time: timeAt(at) }));
    await handedOver(log);
    const clock = { now: () => Date.parse(timeAt(3)) + 86_400_000, monotonic: () => 0 };
    const around = { ...opened, audit: log, instance: "one", clock, retentionDays: 1 };
    await using retention = new Neo4jRetention({ ...around, newId: () => crypto.randomUUID() });
    await retention.trimmed;
    await handedOver(log);
    const left = await foundBy(log, {});
    assert.deepEqual(left.map(({ sequence, type }) => [sequence, type]), [
      [6, "audit_trimmed"],
      [5, "execution_finished"],
      [4, "execution_finished"],
    ]);
  },
});

Deno.test({
  name:
    "roles and revocations of one instance are seen by another, and while the database is away " +
    "(needs Neo4j) [S27, S29, B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    await using elsewhere = await recordsTrial();
    const here = trial.open();
    await using roles = rolesOf(here);
    await roles.change("eve", () => ["developer"]);
    await using tokens = tokensOf(here);
    await tokens.revoke("stolen", null);
    const away = { ...elsewhere.open() };
    await using others = rolesOf(away);
    await using otherTokens = tokensOf(away);
    await eventually(
      "the revocation",
      async () => await otherTokens.isRevoked("stolen") || null,
      30,
    );
    assert.deepEqual(await others.rolesOf("eve"), ["developer"]);
    await roles.change("eve", () => ["viewer"]);
    await eventually("the change", async () => {
      return `${await others.rolesOf("eve")}` === "viewer" || null;
    }, 30);
    await away.database[Symbol.asyncDispose]();
    assert.deepEqual(await others.rolesOf("eve"), ["viewer"]);
    assert.equal(await others.rolesOf("nobody"), null);
    assert.equal(await otherTokens.isRevoked("stolen"), true);
    await assert.rejects(others.change("eve", () => ["admin"]));
  },
});

Deno.test({
  name: "roles end with the database that they were in: of another, and of users who are gone " +
    "(needs Neo4j) [S27, B2]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    const here = trial.open();
    {
      await using roles = rolesOf(here);
      await roles.change("mallory", () => ["admin"]);
      await roles.change("eve\0\ud800", () => ["viewer"]);
      await eventually("the copy", () => here.notes.read("roles_copied") || null, 30);
      await rowsOf(trial.options, `MATCH (u:User {user_id: '"mallory"'}) DETACH DELETE u`);
      await eventually("mallory to be gone", async () => {
        return await roles.rolesOf("mallory") === null || null;
      }, 30);
      assert.deepEqual(await roles.rolesOf("eve\0\ud800"), ["viewer"]);
    }
    // As after a start with another database: of this one there is no copy.
    const before = trial.open();
    before.notes.write("roles_copied", "another database");
    await localRoles(before.sqlite).change("mallory", () => ["admin"]);
    await using roles = rolesOf(before);
    await roles.copied;
    assert.equal(await roles.rolesOf("mallory"), null);
    assert.equal(before.notes.read("roles_copied"), await before.database.id());
  },
});

function logOf({ outbox, ...parts }: OpenedParts, instance: string): Neo4jAuditLog {
  return new Neo4jAuditLog({ ...parts, outbox: outbox("audit"), instance });
}

function rolesOf(parts: OpenedParts): MirroredRoles {
  const store = new Neo4jRoleStore(parts.database);
  return new MirroredRoles({ ...parts, store, copy: localRoles(parts.sqlite), everyMs: 50 });
}

function tokensOf({ outbox, sqlite, ...parts }: OpenedParts): Neo4jRevokedTokens {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const local = localRevokedTokens(sqlite, clock);
  const own = { outbox: outbox("revocations"), local, everyMs: 50, clock };
  return new Neo4jRevokedTokens({ ...parts, ...own });
}
