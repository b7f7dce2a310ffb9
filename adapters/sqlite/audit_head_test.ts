import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleEvent } from "../../tests/contracts/audit_log.ts";
import { type AuditFile, auditFile, keptHeads } from "./audit_fixture.ts";
import { verifyAudit } from "./audit_verifier.ts";

/** A chain of three events, closed, with its head kept apart; where the head stands. */
async function chain(file: AuditFile): Promise<string> {
  await using log = file.open();
  await using _heads = await keptHeads(file, log);
  for (let at = 0; at < 3; at += 1) await log.append(sampleEvent());
  return join(file.directory, "audit_head.json");
}

const CUT: Readonly<Record<string, (text: string) => string>> = {
  "empty": () => "",
  "cut": (text) => text.slice(0, text.length / 2),
  "null": () => "null",
  "no object": () => "5",
  "of a hash that is none": (text) => text.replace(/"hash":"../, '"hash":"'),
  "of a sequence that is none": (text) => text.replace(/"sequence":\d+/, '"sequence":-1'),
};

for (const [what, cut] of Object.entries(CUT)) {
  Deno.test(`HeadKeeper puts a head aside that is ${what}, tells of it, and goes on [B11]`, async () => {
    await using file = await auditFile();
    const path = await chain(file);
    const damaged = cut(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, damaged);
    const before = await verifyAudit(file);
    assert.equal(before.faultCount, 1);
    assert.match(before.faults[0]?.what ?? "", /^the head kept apart cannot be read: /);
    const lines: string[] = [];
    {
      await using log = file.open();
      await using heads = await keptHeads(file, log, lines);
      assert.equal(heads.violation, "audit_head_unreadable");
      await log.append(sampleEvent());
    }
    assert.match(lines[0] ?? "", /^audit_head_unreadable/);
    const { faults } = await verifyAudit(file);
    assert.equal(faults.length, 1);
    const [, name = ""] = /^'(audit_head\.lost-\d+\.json)'/.exec(faults[0]?.what ?? "") ?? [];
    assert.equal(await Deno.readTextFile(join(file.directory, name)), damaged);
    await Deno.remove(join(file.directory, name));
    assert.equal((await verifyAudit(file)).faultCount, 0);
  });
}

Deno.test("HeadKeeper tells of a head that is gone, as verifyAudit() does [B11]", async () => {
  await using file = await auditFile();
  const path = await chain(file);
  await Deno.remove(path);
  const { faults } = await verifyAudit(file);
  assert.deepEqual(faults.map(({ what }) => what), [
    "no head is kept apart: a cut tail would not show",
  ]);
  await using log = file.open();
  await using heads = await keptHeads(file, log);
  assert.equal(heads.violation, "audit_head_missing");
});

Deno.test("HeadKeeper keeps a head before the first event comes [B11]", async () => {
  await using file = await auditFile();
  await using log = file.open();
  await using heads = await keptHeads(file, log);
  assert.equal(heads.violation, null);
  const kept = JSON.parse(await Deno.readTextFile(join(file.directory, "audit_head.json")));
  assert.deepEqual([kept.sequence, kept.hash], [0, log.head.hash]);
});

Deno.test("HeadKeeper tells of another instance's head [B11]", async () => {
  await using file = await auditFile();
  const path = await chain(file);
  const head = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...head, instance: "0".repeat(32) }));
  await using log = file.open();
  await using heads = await keptHeads(file, log);
  assert.equal(heads.violation, "audit_tail_lost");
});
