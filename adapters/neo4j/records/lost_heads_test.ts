import assert from "node:assert/strict";
import { foundBy, sampleEvent } from "../../../tests/contracts/audit_log.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { type RecordsTrial, recordsTrial, rowsOf } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jAuditLog } from "./audit_log.ts";
import { verifyChains } from "./audit_verifier.ts";
import { LOST_NOTE, lostHeadsIn } from "./lost_heads.ts";

const ignore = !await areRunning("records");

/** A log that has written its first events to an empty database. */
async function written(trial: RecordsTrial, count: number) {
  const { outbox, ...parts } = trial.open();
  const log = new Neo4jAuditLog({ ...parts, outbox: outbox("audit"), instance: "one" });
  const add = async (more: number) => {
    for (let at = 0; at < more; at += 1) await log.append(sampleEvent());
    await eventually("the events in the database", () => log.waiting === 0 || null, 30);
  };
  await add(count);
  return {
    ...{ log, add, parts },
    /** The chain's faults; what is noted of the head is not asked, where `blind`. */
    async faults({ blind = false } = {}) {
      const heads = blind ? [] : lostHeadsIn(parts.notes.read(LOST_NOTE));
      const reports = await verifyChains(parts.database, { instance: "one", heads, waiting: [] });
      return reports.flatMap(({ faults }) => faults.map(({ what }) => what));
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

/** What somebody with the database's password does, while the service runs. */
const CUTS: Readonly<Record<string, string>> = {
  "cut, and its noted end with it": `MATCH (c:AuditChain {instance: 'one'})
    MATCH (last:AuditEvent {instance: 'one', sequence: 5})
    SET c.sequence = 5, c.hash = last.hash
    WITH c MATCH (e:AuditEvent {instance: 'one'}) WHERE e.sequence > 5 DELETE e`,
  "cut before its last event, and its noted end with it": `MATCH (c:AuditChain {instance: 'one'})
    MATCH (last:AuditEvent {instance: 'one', sequence: 5})
    SET c.sequence = 5, c.hash = last.hash
    WITH c MATCH (e:AuditEvent {instance: 'one'}) WHERE e.sequence IN [6, 7] DELETE e`,
  "removed whole": "MATCH (n) WHERE n.instance = 'one' DELETE n",
};

for (const [what, cut] of Object.entries(CUTS)) {
  Deno.test({
    name: `a chain ${what}, while the service runs is told of once in the log, the audit and ` +
      "at each verification (needs Neo4j) [S33, B11]",
    ignore,
    async fn() {
      await using trial = await recordsTrial();
      await using at = await written(trial, 8);
      await rowsOf(trial.options, cut);
      await at.add(2);
      await at.add(2);
      const lost = trial.lines.filter(({ event }) => event === "audit_head_lost");
      assert.deepEqual(lost.map(({ fields }) => fields["sequence"]), [8]);
      const told = await foundBy(at.log, { type: "violation" });
      assert.deepEqual(told.map(({ details }) => details), [
        { code: "audit_tail_lost", rules: [], count: 1 },
      ]);
      assert.notDeepEqual(await at.faults(), []);
      assert.notDeepEqual(await at.faults({ blind: true }), [], "the chain itself shows the gap");
      const kept = (await foundBy(at.log, {})).map(({ sequence }) => sequence);
      assert.deepEqual(new Set(kept.filter((at) => at > 8)), new Set([9, 10, 11, 12, 13]));
    },
  });
}

Deno.test({
  name: "a chain written anew up to its end, while the service runs is told of, and gone on with " +
    "(needs Neo4j) [S33, B11]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    await using at = await written(trial, 4);
    await rowsOf(
      trial.options,
      `MATCH (e:AuditEvent {instance: 'one', sequence: 4}) MATCH (c:AuditChain {instance: 'one'})
       SET e.hash = '${"0".repeat(64)}', c.hash = e.hash`,
    );
    await at.add(1);
    assert.equal((await foundBy(at.log, { type: "violation" })).length, 1);
    assert.ok((await at.faults()).some((what) => what.startsWith("the head kept apart")));
  },
});

Deno.test({
  name: "a loss that a start has told of is not told of again, and is known at the next " +
    "(needs Neo4j) [S33, B11]",
  ignore,
  async fn() {
    await using trial = await recordsTrial();
    {
      await using _before = await written(trial, 8);
    }
    await rowsOf(trial.options, CUTS["cut, and its noted end with it"]!);
    const { outbox, ...parts } = trial.open();
    await using log = new Neo4jAuditLog({ ...parts, outbox: outbox("audit"), instance: "one" });
    assert.equal(await log.violation(), "audit_tail_lost");
    await log.append(sampleEvent());
    await eventually("the event in the database", () => log.waiting === 0 || null, 30);
    assert.deepEqual(await foundBy(log, { type: "violation" }), [], "who opens it tells");
    assert.deepEqual(
      lostHeadsIn(parts.notes.read(LOST_NOTE)).map(({ sequence }) => sequence),
      [8],
    );
    assert.equal(await log.violation(), null);
  },
});
