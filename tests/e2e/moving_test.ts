import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { checkSeen, type KeptUse, useService } from "../fixtures/kept_use.ts";
import { removeNodes } from "../fixtures/empty_neo4j.ts";
import { emptied, rowsOf } from "../fixtures/neo4j_records.ts";
import { FRACTIONS, INTEGERS, LISTS, ODD_STRINGS, WHOLE_FLOATS } from "../fixtures/graph_values.ts";
import {
  runTask,
  type Settings,
  type StartedService,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";
import { areRunning, neo4jService, recordsService } from "../fixtures/services.ts";

/** What no request may have in a text. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;
const NDJSON = { "content-type": "application/x-ndjson" };

/** The lines of an export, in an order of their own: the engines have others. */
async function graphOf(service: StartedService): Promise<string> {
  const { status, text } = await service.get("/api/v1/graph/export");
  assert.equal(status, 200, text);
  return text;
}

function sorted(text: string): string[] {
  return text.trimEnd().split("\n").map((line) => JSON.stringify(ordered(JSON.parse(line, exact))))
    .sort();
}

/** A number with all its digits, or as the FLOAT that it is: `1.0` is not `1`, nor `-0.0` `0.0`. */
function exact(_name: string, value: unknown, { source = "" }: { readonly source?: string } = {}) {
  if (typeof value !== "number") return value;
  return /[.e]/i.test(source)
    ? { float: Object.is(value, -0) ? "-0" : `${value}` }
    : { integer: source };
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1);
  return Object.fromEntries(fields.map(([name, inner]) => [name, ordered(inner)]));
}

async function bring(service: StartedService, text: string): Promise<void> {
  const answer = await service.post("/api/v1/graph/import", text, { headers: NDJSON });
  assert.equal(answer.status, 200, answer.text);
}

/** Nodes with every value there is, of every type, and relationships between them. */
function everyValue(): string {
  const float = (value: number) => {
    if (Object.is(value, -0)) return "-0.0";
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${BigInt(value)}.0` : `${value}`;
  };
  const list = (items: readonly unknown[]) =>
    `[${items.map((item) => typeof item === "string" ? JSON.stringify(item) : `${item}`)}]`;
  const values = [
    ...INTEGERS.map((value) => `${value}`),
    ...[...FRACTIONS, ...WHOLE_FLOATS].map(float),
    ...ODD_STRINGS.filter((text) => !CONTROL.test(text)).map((text) => JSON.stringify(text)),
    ...LISTS.map((items) => list(items as readonly unknown[])),
    ...["true", "false", "[1.0,-2.0]", "[0.5,1.0]"],
  ];
  const nodes = values.map((value, at) =>
    `{"kind":"node","key":"n${at}","labels":["L","M${at % 3}"],"properties":{"v":${value}}}`
  );
  const relationships = values.map((value, at) =>
    `{"kind":"relationship","start":"n${at}","end":"n${
      at * 7 % values.length
    }","type":"T","properties":{"v":${value}}}`
  );
  const end = `{"kind":"end","nodes":${nodes.length},"relationships":${relationships.length}}`;
  return [...nodes, ...relationships, end, ""].join("\n");
}

Deno.test({
  name: "a graph moves from the embedded engine to Neo4j and back, every value as it was " +
    "(needs Neo4j) [S8, S9, B3]",
  ignore: !await areRunning("neo4j"),
  async fn() {
    const neo4j = await neo4jService();
    await removeNodes(neo4j);
    const given = everyValue();
    const move = async (from: string, settings: Settings) => {
      await using service = await startService(settings);
      await bring(service, from);
      const all = await graphOf(service);
      await bring(service, all);
      assert.deepEqual(sorted(await graphOf(service)), sorted(all), "once more is no harm");
      return all;
    };
    const embedded = await move(given, {});
    const inNeo4j = await move(embedded, { NEO4J_URI: neo4j.uri, NEO4J_PASSWORD: neo4j.password });
    const back = await move(inNeo4j, {});
    assert.deepEqual(sorted(embedded), sorted(given));
    assert.deepEqual(sorted(inNeo4j), sorted(given));
    assert.deepEqual(sorted(back), sorted(given));
  },
});

/** Runs a task that is to succeed; what it printed. */
async function done(args: readonly string[], settings: Settings): Promise<string> {
  const { code, stdout, stderr } = await runTask(args, settings);
  assert.equal(code, 0, `${args}: ${stdout}${stderr}`);
  return stdout;
}

/** Runs a task that is to be refused; what it said. */
async function refused(args: readonly string[], settings: Settings): Promise<string> {
  const { code, stderr } = await runTask(args, settings);
  assert.equal(code, 1, `${args}`);
  return stderr;
}

/** The lines of a file of records that tell of something kept. */
async function linesIn(path: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  return lines.slice(1, -1).sort();
}

async function verified(settings: Settings): Promise<string> {
  const text = await done(["audit:verify"], settings);
  assert.match(text, /OK\n$/);
  return text;
}

async function emptyOutbox(service: StartedService): Promise<void> {
  await eventually("the outbox be empty", async () => {
    const { text } = await service.get("/metrics");
    return /^ultimate_mcp_outbox_pending(\{.*\})? 0$/m.test(text) ? true : null;
  });
}

/** An event changed in the database is told of, and no export carries it off by mistake. */
async function checkChangeTold(settings: Settings, path: string): Promise<void> {
  const change = "MATCH (e:AuditEvent {sequence: 2}) SET e.event = replace(e.event, '1', '2')";
  await rowsOf(await recordsService(), change);
  const changed = await runTask(["audit:verify"], settings);
  assert.equal(changed.code, 1, changed.stdout);
  assert.match(changed.stdout, /^event 2: it is not what was written/m);
  assert.match(await refused(["records:export", path], settings), /does not verify/);
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  await done(["records:export", path, "--unverified"], settings);
}

Deno.test({
  name:
    "records move from SQLite to Neo4j and back, with an audit that verifies and goes on as one " +
    "chain (needs Neo4j) [B2, B11]",
  ignore: !await areRunning("records"),
  async fn() {
    const { uri, password, ...server } = await recordsService();
    await emptied({ uri, password, ...server });
    await using folder = await temporaryFolder();
    const file = (name: string) => `${folder.path}/${name}.ndjson`;
    const [here, back] = [1, 2].map((at) => ({ DATA_DIR: `${folder.path}/data${at}` }));
    assert.ok(here !== undefined && back !== undefined);
    const there = {
      ...here,
      RECORDS_BACKEND: "neo4j",
      RECORDS_NEO4J_URI: uri,
      RECORDS_NEO4J_PASSWORD: password,
    };
    const traces: KeptUse[] = [];
    {
      await using service = await startService(here);
      traces.push(await useService(service, "ada"));
      assert.match(await refused(["records:export", file("a")], here), /holds it/);
      await service.stop();
    }
    await done(["records:export", file("a")], here);
    assert.equal((await Deno.stat(file("a"))).mode! & 0o777, 0o600);
    assert.match(await refused(["records:export", file("a")], here), /exists/);

    const whole = await Deno.readTextFile(file("a"));
    await Deno.writeTextFile(file("cut"), whole.slice(0, whole.trimEnd().lastIndexOf("\n") + 1));
    assert.match(await refused(["records:import", file("cut")], there), /cut off/);
    assert.deepEqual(await rowsOf({ uri, password, ...server }, "MATCH (n) RETURN n"), []);

    await done(["records:import", file("a")], there);
    await done(["records:import", file("a")], there);
    const chain = /^instance .*$/m.exec(await verified(there))?.[0];
    await done(["records:export", file("b")], there);
    assert.deepEqual(await linesIn(file("b")), await linesIn(file("a")));
    {
      await using service = await startService(there);
      await checkSeen(service, traces);
      traces.push(await useService(service, "bob"));
      await emptyOutbox(service);
      assert.equal(await service.stop(), 0);
    }
    assert.equal(/^instance .*$/m.exec(await verified(there))?.[0], chain, "one chain still");
    await done(["records:export", file("c")], there);
    for (const settings of [here, back]) {
      await done(["records:import", file("c")], settings);
      await done(["records:import", file("c")], settings);
      await verified(settings);
    }
    await done(["records:export", file("d")], back);
    assert.deepEqual(await linesIn(file("d")), await linesIn(file("c")));
    await using service = await startService(here);
    await checkSeen(service, traces);
    assert.doesNotMatch(service.log, /audit_(tail|head|trimming)/);
    await service.stop();
    await verified(here);

    await checkChangeTold(there, file("e"));
  },
});
