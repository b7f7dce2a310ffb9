import assert from "node:assert/strict";
import { emptied, rowsOf } from "../fixtures/neo4j_records.ts";
import { runTask, startService, temporaryFolder } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";

/** As a newer program would leave it: an index, and the record of the step that has made it. */
const NEWER = [
  "CREATE INDEX later_thing FOR (n:ExecutionResult) ON (n.later)",
  "CREATE INDEX _umcp_migration_records_9999_later FOR (n:_umcp_Migration) ON (n.records_9999_later)",
];

Deno.test({
  name:
    "a service starts beside what a newer program has added to the schema of its records, and " +
    "leaves it alone (needs Neo4j) [S6, S41]",
  ignore: !await areRunning("records"),
  async fn() {
    const records = await recordsService();
    await emptied(records, { schema: true });
    await using folder = await temporaryFolder();
    const settings = {
      DATA_DIR: folder.path,
      RECORDS_BACKEND: "neo4j",
      RECORDS_NEO4J_URI: records.uri,
      RECORDS_NEO4J_PASSWORD: records.password,
    } as const;
    const migrate = async (...args: string[]) => {
      const { code, stdout, stderr } = await runTask(["migrate", ...args], settings);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await migrate();
    for (const statement of NEWER) await rowsOf(records, statement);
    const before = await migrate("--list");
    {
      await using service = await startService(settings);
      assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
      assert.equal(await service.stop(), 0);
      assert.doesNotMatch(service.log, /"level":"error"/);
    }
    assert.equal(await migrate("--list"), before);
    const theirs = before.split("\n").filter((line) => /later/.test(line));
    assert.equal(theirs.length, 2, before);
    assert.ok(theirs.every((line) => !line.includes("the service's own")), before);
    for (const name of ["later_thing", "_umcp_migration_records_9999_later"]) {
      assert.match(await migrate("--drop", name), /^dropped /);
    }
    assert.doesNotMatch(await migrate("--list"), /later/);
  },
});
