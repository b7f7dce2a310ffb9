import assert from "node:assert/strict";
import { memoryOf } from "../fixtures/memory.ts";
import { descendantsOf } from "../fixtures/processes.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { medianSlope, type Point } from "./line.ts";

const NODES = 250_000;
const RELATIONSHIPS = 750_000;
const ROWS = NODES + RELATIONSHIPS;
const ROWS_PER_SAMPLE = 25_000;
/** A megabyte for 100,000 rows. */
const LARGEST_SLOPE = 1024 * 1024 / 100_000;

function* lines(): Generator<string> {
  for (let n = 0; n < NODES; n += 1) {
    yield JSON.stringify({ kind: "node", key: `n${n}`, labels: ["N"], properties: { n } });
  }
  for (let n = 0; n < RELATIONSHIPS; n += 1) {
    const [start, end] = [`n${n % NODES}`, `n${(n * 7 + Math.floor(n / NODES)) % NODES}`];
    const type = `T${Math.floor(n / NODES)}`;
    yield JSON.stringify({ kind: "relationship", start, end, type, properties: {} });
  }
  yield JSON.stringify({ kind: "end", nodes: NODES, relationships: RELATIONSHIPS });
}

/** Some hundred lines at a time, as a client sends a file. */
function* pieces(): Generator<string> {
  let piece: string[] = [];
  for (const line of lines()) {
    piece.push(`${line}\n`);
    if (piece.length < 500) continue;
    yield piece.join("");
    piece = [];
  }
  yield piece.join("");
}

async function fill(service: StartedService): Promise<void> {
  const body = ReadableStream.from(pieces()).pipeThrough(new TextEncoderStream());
  const headers = { "content-type": "application/x-ndjson" };
  const { status, text } = await service.send("/api/v1/graph/import", { method: "POST", body }, {
    headers,
  });
  assert.equal(status, 200, text);
}

async function resident(service: StartedService): Promise<number> {
  const engine = (await descendantsOf(service.pid))
    .filter(({ command }) => command.includes("/embedded/child/main.ts"));
  return (await memoryOf([service.pid, ...engine.map(({ pid }) => pid)])).resident;
}

/** Reads an export; resident bytes by rows read. */
async function exported(service: StartedService): Promise<Point[]> {
  const headers = { authorization: `Bearer ${service.token}` };
  const response = await fetch(`${service.url}/api/v1/graph/export`, { headers });
  const points: Point[] = [];
  let rows = 0;
  let last = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const before = Math.floor(rows / ROWS_PER_SAMPLE);
    rows += chunk.split("\n").length - 1;
    last = (last + chunk).slice(-200);
    if (Math.floor(rows / ROWS_PER_SAMPLE) > before) points.push([rows, await resident(service)]);
  }
  assert.equal(rows, ROWS + 1);
  assert.match(last, /\{"kind":"end","nodes":250000,"relationships":750000\}\n$/);
  return points;
}

Deno.test("an export of a million rows takes no more memory than one of a few [B4]", async (t) => {
  await using service = await startService({ ...UNLIMITED, LOG_LEVEL: "warn" });
  await fill(service);
  await exported(service);
  const points = await exported(service);
  const slope = medianSlope(points);
  const grown = (slope * 100_000 / 2 ** 20).toFixed(2);
  await t.step(`memory grows by ${grown} MB for 100,000 rows`, () => {
    assert.ok(slope < LARGEST_SLOPE, JSON.stringify(points));
  });
  await t.step("a statement of ten million rows and more is cut at its limit", async () => {
    const before = await resident(service);
    const cypher = "MATCH (a:N), (b:N) RETURN a.n AS a, b.n AS b";
    for (let time = 0; time < 20; time += 1) {
      const { status, json, text } = await service.post("/api/v1/graph_query", {
        cypher,
        limit: 1000,
      });
      assert.equal(status, 200, text);
      assert.deepEqual([(json.results as unknown[]).length, json.truncated], [1000, true]);
    }
    const more = (await resident(service) - before) / 2 ** 20;
    assert.ok(more < 50, `${more} MB more`);
  });
});
