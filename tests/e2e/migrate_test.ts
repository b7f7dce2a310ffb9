import assert from "node:assert/strict";
import { emptied } from "../fixtures/neo4j_records.ts";
import { runTask, temporaryFolder } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";

Deno.test({
  name: "deno task migrate lists what a database's schema has, and drops by name what is there " +
    "(needs Neo4j) [S6]",
  ignore: !await areRunning("records"),
  async fn() {
    const service = await recordsService();
    await emptied(service, { schema: true });
    await using folder = await temporaryFolder();
    const settings = {
      RECORDS_BACKEND: "neo4j",
      RECORDS_NEO4J_URI: service.uri,
      RECORDS_NEO4J_PASSWORD: service.password,
      DATA_DIR: folder.path,
    } as const;
    const migrate = async (...args: string[]) => {
      const { code, stdout, stderr } = await runTask(["migrate", ...args], settings);
      return [code, code === 0 ? stdout : stderr.trim().split("\n").at(-1)];
    };
    assert.deepEqual(await migrate("--list"), [0, "nothing\n"]);
    assert.equal((await migrate())[0], 0);
    const item = "records: audit_user_id, index of AuditEvent (user_id, timestamp)";
    const [, listed] = await migrate("--list");
    assert.ok(String(listed).split("\n").includes(`${item}, the service's own`), String(listed));
    assert.deepEqual(await migrate("--drop", "audit_user_id"), [
      0,
      `dropped ${item}\nit is the service's own: a start or a migration makes it again\n`,
    ]);
    const missing = [1, "Cannot migrate: there is no 'audit_user_id'"];
    assert.deepEqual(await migrate("--drop", "audit_user_id"), missing);
    assert.deepEqual(await migrate("--drop", "user_id", "--in", "graph"), [
      1,
      "Cannot migrate: there is no 'user_id'",
    ]);
    const [code, told] = await migrate("--list", "--dry-run");
    assert.equal(code, 1);
    assert.match(String(told), /^Cannot migrate: use: /);
    const [, again] = await migrate();
    assert.match(String(again), /0002_audit: done[^]*audit_user_id: created/);
  },
});
