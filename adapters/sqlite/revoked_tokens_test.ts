import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isFailure } from "../../domain/errors.ts";
import { revokedTokensContract } from "../../tests/contracts/revoked_tokens.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { openExecutionRecords } from "./execution_records.ts";
import { openRevokedTokens } from "./revoked_tokens.ts";
import { spawnProgram } from "./testdata/child_process.ts";

async function databaseFile(clock: ManualClock) {
  const directory = await Deno.makeTempDir({ prefix: "revoked-" });
  const path = join(directory, "records.sqlite");
  return {
    directory,
    path,
    open: () => openRevokedTokens({ path, clock }),
    stored: () => Promise.resolve(rowsOf(path)),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function rowsOf(path: string): string[] {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare("SELECT id FROM revoked_tokens ORDER BY id").all()
    .map((row) => String(row["id"]));
}

revokedTokensContract("SqliteRevokedTokens", databaseFile, { durable: true });

Deno.test("SqliteRevokedTokens keeps answered revocations through a kill -9 [S27]", async () => {
  await using file = await databaseFile(new ManualClock(0));
  await using child = spawnProgram("revoke_until_killed.ts", file.directory, file.path);
  const answered: string[] = [];
  while (answered.length < 200) answered.push(await child.line() ?? assert.fail("ended"));
  answered.push(...await child.kill());

  await using tokens = file.open();
  const found = await Promise.all(answered.map((id) => tokens.isRevoked(id)));
  assert.ok(found.every(Boolean));
});

Deno.test("SqliteRevokedTokens deletes what has lapsed, when opened and now and then [S27]", async () => {
  const clock = new ManualClock();
  await using file = await databaseFile(clock);
  await using tokens = file.open();
  await tokens.revoke("a", clock.now() + 1000);
  await tokens.revoke("endless", null);
  clock.advance(61_000);
  await tokens.revoke("b", clock.now() + 1000);
  assert.deepEqual(rowsOf(file.path), ["b", "endless"]);
  await tokens[Symbol.asyncDispose]();
  clock.advance(61_000);
  await using _again = file.open();
  assert.deepEqual(rowsOf(file.path), ["endless"]);
});

Deno.test("SqliteRevokedTokens stands in the database of records, beside them [S27]", async () => {
  await using file = await databaseFile(new ManualClock());
  await using records = openExecutionRecords({ path: file.path });
  await using tokens = file.open();
  await tokens.revoke("a", null);
  await records.ping();
  assert.equal(await tokens.isRevoked("a"), true);
});

Deno.test("SqliteRevokedTokens says so when the database is locked, and revokes nothing then [S27]", async () => {
  await using file = await databaseFile(new ManualClock());
  await using tokens = file.open();
  using other = new DatabaseSync(file.path);
  other.exec("BEGIN EXCLUSIVE");
  const unavailable = (error: unknown) => isFailure(error, "dependency_unavailable");
  await assert.rejects(tokens.revoke("a", null), unavailable);
  other.exec("ROLLBACK");
  assert.equal(await tokens.isRevoked("a"), false);
  await tokens.revoke("a", null);
  assert.equal(await tokens.isRevoked("a"), true);
});
