import assert from "node:assert/strict";
import { itemsOf, RECORDS_SCHEMA } from "../../../domain/graph/schema.ts";
import { killProcess } from "../../../tests/fixtures/kill.ts";
import { emptied, optionsFor, rowsOf } from "../../../tests/fixtures/neo4j_records.ts";
import { areRunning, recordsService } from "../../../tests/fixtures/services.ts";
import { Link } from "../link.ts";
import { dropFromSchema, listSchema, migrateDatabase } from "./database.ts";
import { createItems, listItems } from "./items.ts";
import { migrate, planMigrations } from "./migrate.ts";

const ignore = !await areRunning("records");
const PROGRAM = new URL("../testdata/migrate_until_killed.ts", import.meta.url).pathname;
const STEPS = RECORDS_SCHEMA.migrations.map(({ name }) => name);

/** The records' server with neither data nor schema, and a way to it. */
async function bareDatabase() {
  const service = await recordsService();
  await emptied(service, { schema: true });
  return { service, link: new Link(optionsFor(service)) };
}

interface Migrating extends AsyncDisposable {
  readonly lines: AsyncIterator<string>;
  kill(): Promise<void>;
}

/** A process that migrates, and stops in the middle of a step. */
async function startMigrating(leaseMs: number, stopAt = ""): Promise<Migrating> {
  const { uri, port, password } = await recordsService();
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", `--allow-net=127.0.0.1:${port}`],
      ...["--allow-sys=osRelease", PROGRAM, uri, password, String(leaseMs), stopAt],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(child.stdout);
  const kill = async () => {
    await killProcess(child.pid).catch(() => {});
    await child.status;
    await Array.fromAsync(lines);
  };
  return { lines, kill, [Symbol.asyncDispose]: kill };
}

async function* linesOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const chunk of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}

Deno.test({
  name: "two processes migrate at once: one does it, both find it done (needs Neo4j) [S6, S7]",
  ignore,
  async fn() {
    const { link } = await bareDatabase();
    await using _link = link;
    await using one = await startMigrating(15_000);
    await using other = await startMigrating(15_000);
    const said = await Promise.all([one, other].map(async ({ lines }) => {
      const all: string[] = [];
      for (let line = await lines.next(); !line.done; line = await lines.next()) {
        all.push(line.value);
      }
      return all;
    }));
    // Each step was begun once, by one of them; at the end both report every step.
    const begun = said.flatMap((lines) => lines.slice(0, -1)).sort();
    assert.deepEqual(begun, STEPS);
    for (const lines of said) {
      assert.deepEqual(JSON.parse(lines.at(-1) ?? "").map(([name]: string[]) => name), STEPS);
    }
    assert.ok(
      (await planMigrations(link, RECORDS_SCHEMA)).every((step) => step.standing === "recorded"),
    );
  },
});

Deno.test({
  name:
    "a process killed between two steps is waited for, and the other completes (needs Neo4j) [S7]",
  ignore,
  async fn() {
    const { service, link } = await bareDatabase();
    await using _link = link;
    await using first = await startMigrating(2000, STEPS[2]);
    for (const step of STEPS.slice(0, 3)) assert.equal((await first.lines.next()).value, step);
    await first.kill();
    const left = await planMigrations(link, RECORDS_SCHEMA);
    assert.deepEqual(
      left.map(({ standing }) => standing),
      STEPS.map((_, at) => at < 2 ? "recorded" : "pending"),
    );
    const held = await rowsOf(service, "MATCH (l:_umcp_MigrationLease) RETURN l.owner AS owner");
    assert.equal(held.length, 1, "the dead one's lease");
    const steps = await migrate(link, RECORDS_SCHEMA, { owner: "other", leaseMs: 2000 });
    assert.deepEqual(
      steps.map(({ standing }) => standing),
      STEPS.map((_, at) => at < 2 ? "recorded" : "done"),
    );
    assert.deepEqual(await rowsOf(service, "MATCH (n) RETURN n"), [], "nothing is left but schema");
  },
});

Deno.test({
  name: "migrateDatabase() with dryRun tells what is to do, and does nothing (needs Neo4j) [S7]",
  ignore,
  async fn() {
    const { service, link } = await bareDatabase();
    await using _link = link;
    const options = { owner: "me", dryRun: true };
    const plan = await migrateDatabase(optionsFor(service), RECORDS_SCHEMA, options);
    assert.deepEqual(plan.map(({ standing }) => standing), STEPS.map(() => "pending"));
    assert.deepEqual(await listItems(link), []);
  },
});

Deno.test({
  name: "createItems() says created, existing or failed, and looks itself (needs Neo4j) [S6]",
  ignore,
  async fn() {
    const { service, link } = await bareDatabase();
    await using _link = link;
    const items = itemsOf(RECORDS_SCHEMA);
    // A name that stands for something else: the database does nothing and says nothing.
    await rowsOf(service, "CREATE INDEX user_id FOR (n:Other) ON (n.x)");
    const outcomes = new Map(
      (await createItems(link, items)).map((item) => [item.name, item.outcome]),
    );
    for (const { name } of items) {
      assert.equal(outcomes.get(name), name === "user_id" ? "failed" : "created", name);
    }
    await rowsOf(service, "DROP INDEX user_id");
    const again = await createItems(link, items);
    assert.deepEqual(
      again.filter(({ outcome }) => outcome !== "existing"),
      [{ name: "user_id", outcome: "created" }],
    );
    const there = await listItems(link);
    for (const item of items) assert.ok(there.some(({ name }) => name === item.name), item.name);
  },
});

Deno.test({
  name: "a database's schema is listed, its own or not, and dropped by name (needs Neo4j) [S6]",
  ignore,
  async fn() {
    const { service, link } = await bareDatabase();
    await using _link = link;
    await migrate(link, RECORDS_SCHEMA, { owner: "me" });
    await rowsOf(service, "CREATE INDEX `a ``b` FOR (n:Other) ON (n.x, n.y)");
    const options = optionsFor(service);
    const listed = await listSchema(options, RECORDS_SCHEMA);
    assert.deepEqual(listed.filter(({ ours }) => !ours), [
      { name: "a `b", kind: "index", label: "Other", properties: ["x", "y"], ours: false },
    ]);
    const names = new Set(listed.map(({ name }) => name));
    for (const { name } of itemsOf(RECORDS_SCHEMA)) assert.ok(names.has(name), name);
    for (const name of ["a `b", "user_id"]) {
      assert.equal(await dropFromSchema(options, RECORDS_SCHEMA, name), true);
      assert.equal(await dropFromSchema(options, RECORDS_SCHEMA, name), false);
    }
    const left = new Set((await listItems(link)).map(({ name }) => name));
    assert.deepEqual([...names].filter((name) => !left.has(name)).sort(), ["a `b", "user_id"]);
    const steps = await migrate(link, RECORDS_SCHEMA, { owner: "me" });
    assert.equal(steps.filter(({ standing }) => standing === "done").length, 1, "it comes again");
  },
});
