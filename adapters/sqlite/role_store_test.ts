import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type RolesPlace, roleStoreContract } from "../../tests/contracts/role_store.ts";
import { sampleRecord } from "../../tests/contracts/execution_records.ts";
import { openExecutionRecords } from "./execution_records.ts";
import { openRoleStore } from "./role_store.ts";

async function databaseFile(): Promise<RolesPlace & { readonly path: string }> {
  const directory = await Deno.makeTempDir({ prefix: "roles-" });
  const path = join(directory, "records.sqlite");
  return {
    path,
    open: () => openRoleStore({ path }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

roleStoreContract("SqliteRoleStore", databaseFile, { durable: true });

Deno.test("openRoleStore() shares the database with records that are being saved [S29]", async () => {
  await using file = await databaseFile();
  await using records = openExecutionRecords({ path: file.path });
  await using roles = file.open();
  const saved = Array.from({ length: 200 }, () => sampleRecord({ stdout: "x".repeat(300_000) }));
  await Promise.all([
    ...saved.map((record) => records.save(record)),
    ...Array.from({ length: 50 }, (_, at) => roles.change(`user-${at}`, () => ["developer"])),
  ]);
  assert.deepEqual(await roles.rolesOf("user-49"), ["developer"]);
  assert.equal((await records.find(saved[199]?.id ?? ""))?.stdout.length, 300_000);
});

Deno.test("openRoleStore() is seen by another that has the same database open [S29]", async () => {
  await using file = await databaseFile();
  await using one = file.open();
  await using other = file.open();
  await one.change("ada", () => ["admin"]);
  assert.deepEqual(await other.rolesOf("ada"), ["admin"]);
  await other.change("bob", ({ otherAdmin }) => otherAdmin ? ["viewer"] : ["admin"]);
  assert.deepEqual(await one.rolesOf("bob"), ["viewer"]);
});

Deno.test("openRoleStore() ignores a stored role that is none [S29]", async () => {
  await using file = await databaseFile();
  await using roles = file.open();
  await roles.change("ada", () => ["viewer"]);
  using db = new DatabaseSync(file.path);
  db.exec(`UPDATE stored_roles SET roles = '["viewer","root"]'`);
  assert.deepEqual(await roles.rolesOf("ada"), ["viewer"]);
});

Deno.test("openRoleStore() says why a file cannot be used [S29]", async () => {
  await using file = await databaseFile();
  await Deno.writeTextFile(file.path, "no database, but some text of this length");
  assert.throws(() => file.open(), /^Error: Cannot open the roles '.*records.sqlite': /);
});
