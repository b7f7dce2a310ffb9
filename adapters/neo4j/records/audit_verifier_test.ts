import assert from "node:assert/strict";
import type { ChainReport } from "../../../domain/audit/chain_report.ts";
import { sampleEvent, timeAt } from "../../../tests/contracts/audit_log.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { type RecordsTrial, recordsTrial, rowsOf } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { Neo4jAuditLog } from "./audit_log.ts";
import { type OwnChain, verifyChains } from "./audit_verifier.ts";
import { hashOf } from "./chain.ts";
import { Neo4jRetention } from "./retention.ts";

const ignore = !await areRunning("records");

const EVENTS = 1100;
const ONE = "MATCH (e:AuditEvent {instance: 'one'})";

/** A database with the chains of the instances `one`, of more than two pages, and `two`. */
async function written() {
  await using elsewhere = await recordsTrial();
  const trial = await recordsTrial();
  const { outbox, ...parts } = trial.open();
  const instances = [
    { instance: "two", count: 3, ...elsewhere.open() },
    { instance: "one", count: EVENTS, ...parts, outbox },
  ];
  for (const { instance, count, ...own } of instances) {
    await using log = new Neo4jAuditLog({ ...own, outbox: own.outbox(instance), instance });
    const events = Array.from({ length: count }, (_, at) => sampleEvent({ time: timeAt(at) }));
    await Promise.all(events.map((event) => log.append(event)));
    await eventually("the events in the database", () => log.waiting === 0 || null);
  }
  const { sequence, hash } = JSON.parse(parts.notes.read("audit_head") ?? "");
  const own: OwnChain = { instance: "one", heads: [{ sequence, hash }], waiting: [] };
  return {
    ...{ trial, own, parts, outbox },
    report: () => reportOn(trial, own),
    does: (statement: string) => rowsOf(trial.options, statement),
    [Symbol.asyncDispose]: () => trial[Symbol.asyncDispose](),
  };
}

/** What is found of the chain `one`; of `two` nothing ever speaks against it. */
async function reportOn(trial: RecordsTrial, own: OwnChain | null): Promise<ChainReport> {
  await using stack = new AsyncDisposableStack();
  const { database } = trial.open();
  stack.use(database);
  const reports = await verifyChains(database, own);
  assert.deepEqual(reports.map(({ instance }) => instance), ["one", "two"]);
  assert.deepEqual([reports[1]!.faults, reports[1]!.count], [[], 3]);
  return reports[0]!;
}

function told({ faults }: ChainReport): string[] {
  return faults.map(({ sequence, what }) => `${sequence}: ${what}`);
}

Deno.test({
  name: "verifyChains() has nothing against chains as they were written (needs Neo4j) [S33, B11]",
  ignore,
  async fn() {
    await using at = await written();
    const report = await at.report();
    assert.deepEqual([report.faults, report.count, report.first], [[], EVENTS, 1]);
    assert.deepEqual(report.kept, [report.head]);
    assert.deepEqual(told(await reportOn(at.trial, null)), []);
  },
});

/** What somebody with the database's password does to it, and what is told of it. */
const CHANGES: Readonly<Record<string, { readonly does: string; readonly told: RegExp[] }>> = {
  "an event changed": {
    does: `${ONE} WHERE e.sequence = 3 SET e.event = replace(e.event, '127.0.0.1', '127.0.0.2')`,
    told: [/^3: it is not what was written/],
  },
  "an event that no search for its user finds": {
    does: `${ONE} WHERE e.sequence = 5 SET e.user_id = 'null'`,
    told: [/^5: it is not searched for by what it says/],
  },
  "an event removed": {
    does: `${ONE} WHERE e.sequence = 600 DELETE e`,
    told: [/^600: it is missing$/],
  },
  "events removed": {
    does: `${ONE} WHERE e.sequence IN [1, 2, 501, 502] DELETE e`,
    told: [/^1: it and all up to 2 are missing$/, /^501: it and all up to 502 are missing$/],
  },
  "two events the other way round": {
    does: `MATCH (a:AuditEvent {instance: 'one', sequence: 7})
      MATCH (b:AuditEvent {instance: 'one', sequence: 8})
      WITH a, b, a.event AS text SET a.event = b.event, b.event = text`,
    told: [/^7: .*written/, /^7: .*searched/, /^8: .*written/, /^8: .*searched/],
  },
  "two events with their hashes the other way round": {
    does: `MATCH (a:AuditEvent {instance: 'one', sequence: 7})
      MATCH (b:AuditEvent {instance: 'one', sequence: 8}) SET a.sequence = -1
      WITH a, b SET b.sequence = 7 WITH a SET a.sequence = 8`,
    told: [/^7: .*written/, /^7: .*searched/, /^8: .*written/, /^8: .*searched/, /^9: .*written/],
  },
  "the tail cut": {
    does: `${ONE} WHERE e.sequence > 1090 DELETE e`,
    told: [
      /^1091: the end is missing: the chain's own/,
      /^1091: the end is missing: the head kept/,
    ],
  },
  "all removed, and what notes the chain": {
    does: "MATCH (n) WHERE n.instance = 'one' DELETE n",
    told: [/^null: nothing notes the chain's end/, /^1: the end is missing: the head kept/],
  },
  "a trimming made up": {
    does: `MATCH (c:AuditChain {instance: 'one'})
      MATCH (e:AuditEvent {instance: 'one', sequence: 9}) SET c.through = 9, c.throughHash = e.hash
      WITH c MATCH (e:AuditEvent {instance: 'one'}) WHERE e.sequence <= 9 DELETE e`,
    told: [/^9: its checkpoint is one that no event of the chain tells of$/],
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test({
    name: `verifyChains() tells of ${what} (needs Neo4j) [S33, B11]`,
    ignore,
    async fn() {
      await using at = await written();
      await at.does(change.does);
      const found = told(await at.report());
      assert.equal(found.length, change.told.length, found.join("\n"));
      change.told.forEach((expected, index) => assert.match(found[index]!, expected));
    },
  });
}

Deno.test({
  name: "verifyChains() tells of a tail that was cut and written anew (needs Neo4j) [S33, B11]",
  ignore,
  async fn() {
    await using at = await written();
    const [before, last] = await at.does(
      `${ONE} WHERE e.sequence >= ${
        EVENTS - 1
      } RETURN e.event AS event, e.hash AS hash ORDER BY e.sequence`,
    );
    const text = String(last!["event"]).replace("127.0.0.1", "127.0.0.2");
    const hash = hashOf(String(before!["hash"]), EVENTS, text);
    await at.does(`MATCH (e:AuditEvent {instance: 'one', sequence: ${EVENTS}})
      MATCH (c:AuditChain {instance: 'one'})
      SET e.event = ${JSON.stringify(text)}, e.hash = '${hash}', c.hash = '${hash}'`);
    assert.deepEqual(told(await at.report()).map((line) => line.replace(/: [0-9a-f]{64}$/, "")), [
      `${EVENTS}: the head kept apart has another hash for it`,
    ]);
  },
});

Deno.test({
  name: "verifyChains() goes on from what retention has left, also while its event waits " +
    "(needs Neo4j) [S33, B11]",
  ignore,
  async fn() {
    await using at = await written();
    const { parts, outbox } = at;
    const instance = "one";
    await using log = new Neo4jAuditLog({ ...parts, outbox: outbox("one"), instance });
    const clock = { now: () => Date.parse(timeAt(20)) + 86_400_000, monotonic: () => 0 };
    const around = { ...parts, audit: log, instance, clock, retentionDays: 1 };
    await using retention = new Neo4jRetention({ ...around, newId: () => crypto.randomUUID() });
    await retention.trimmed;
    await eventually("the event that tells of it", () => log.waiting === 0 || null);
    const report = await at.report();
    assert.deepEqual([told(report), report.first, report.checkpoint?.sequence], [[], 21, 20]);
    const [row] = await at.does(
      `${ONE} WHERE e.sequence = ${EVENTS + 1} WITH e, e.event AS event DELETE e RETURN event`,
    );
    await at.does(`MATCH (c:AuditChain {instance: 'one'})
      MATCH (e:AuditEvent {instance: 'one', sequence: ${EVENTS}})
      SET c.sequence = e.sequence, c.hash = e.hash`);
    assert.deepEqual(told(await at.report()).length, 1);
    const waiting = [String(row!["event"])];
    assert.deepEqual(told(await reportOn(at.trial, { ...at.own, waiting })), []);
  },
});
