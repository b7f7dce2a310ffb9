import assert from "node:assert/strict";
import { type DomainError, isFailure } from "../../domain/errors.ts";
import type { GraphBatch } from "../../domain/graph/batch.ts";
import type { GraphAnswer } from "../../domain/graph/query.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import { type Canary, placeCanary } from "../fixtures/canary.ts";
import {
  ask,
  exportOf,
  failureOf,
  node,
  relationship,
  remove,
  rowsOf,
  shown,
  STAYING,
  write,
} from "../fixtures/graph.ts";
import { type Attempt, ATTEMPTS } from "../security/graph/attempts.ts";
import { ODD_IDENTIFIERS } from "../security/graph/identifiers.ts";
import { PEOPLE } from "../security/graph/people.ts";
import { READS } from "../security/graph/reads.ts";
import { type GraphFeatures, type GraphPlace, standing } from "./graph_features.ts";

/** Reads a fake must know at least, so that letting it off the rest proves something. */
const READS_AT_LEAST = 20;

/** What only reads is answered, and rightly. */
export function honestReads(
  name: string,
  place: () => Promise<GraphPlace>,
  { cypher }: GraphFeatures,
): void {
  const answered = `${READS.length} honest reads are answered${standing(cypher)}`;
  Deno.test(`${name}: ${answered} [S10, B3]`, async (context) => {
    await using kept = await place();
    await using engine = await kept.open();
    await engine.writer.upsert(PEOPLE, STAYING);
    let right = 0;
    for (const [statement, rows, parameters = {}] of READS) {
      await context.step(statement, async () => {
        const found = rowsOf(engine, statement, parameters);
        if (cypher !== true) {
          const failed = await found.then(() => null, () => failureOf(found));
          if (failed !== null) return assert.equal(failed.code, cypher.instead);
        }
        const ordered = statement.includes("ORDER BY");
        const expected = ordered ? rows : [...rows].sort();
        assert.deepEqual(ordered ? await found : (await found).sort(), expected);
        right++;
      });
    }
    assert.ok(right >= (cypher === true ? READS.length : READS_AT_LEAST), `${right} answered`);
  });
}

/** Whatever is tried changes nothing, reads no file or record, and asks no address. */
export function attempts(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  for (const [kind, tried = []] of Object.entries(Object.groupBy(ATTEMPTS, ({ kind }) => kind))) {
    const count = `${tried.length} of the kind '${kind}'`;
    Deno.test(`${name}: attempts through a query, ${count}: none passes [S10, B2]`, async () => {
      await using kept = await place();
      await using engine = await kept.open();
      await using canary = await placeCanary(kept.directory);
      await engine.writer.upsert(PEOPLE, STAYING);
      await tryAll(engine, canary, tried, features.labelsInExpressions === true);
    });
  }

  for (const [what, batchOf] of Object.entries(ODD_PLACES)) {
    Deno.test(`${name}: an odd ${what} is data or refused, and harms nobody [S9, S10]`, async () => {
      await using kept = await place();
      await using engine = await kept.open();
      await engine.writer.upsert(PEOPLE, STAYING);
      await writeOdd(engine, batchOf);
    });
  }

  Deno.test(`${name}: no label and no property makes a node another's [S9]`, async () => {
    await using kept = await place();
    await using engine = await kept.open();
    await engine.writer.upsert(PEOPLE, STAYING);
    await impersonates(engine);
  });
}

async function tryAll(
  engine: GraphEngine,
  canary: Canary,
  tried: readonly Attempt[],
  hidden: boolean,
): Promise<void> {
  const before = await exportOf(engine);
  const generation = await engine.reader.generation(STAYING);
  for (const attempt of tried) {
    const ending = await tryOne(engine, canary, attempt);
    const told = "name" in ending ? JSON.stringify(ending.failure) : toldBy(ending);
    assert.ok(!told.includes(canary.secret), `${attempt.statement} told the secret`);
    if (hidden && "rows" in ending) {
      assert.ok(!/graphnode/i.test(told), `${attempt.statement}: ${told}`);
    }
    if ("name" in ending) assert.match(ending.failure.code, /^query_(invalid|not_read_only)$/);
    else assert.ok(attempt.answerable, `${attempt.statement} was answered: ${told}`);
    assert.deepEqual(await exportOf(engine), before, attempt.statement);
  }
  assert.equal(canary.fetched(), 0);
  assert.equal(await engine.reader.generation(STAYING), generation);
  await stillUnique(engine);
}

async function tryOne(
  engine: GraphEngine,
  canary: Canary,
  { statement, parameters = {} }: Attempt,
): Promise<GraphAnswer | DomainError> {
  const named = (text: string) => {
    return text.replaceAll("{file}", canary.file).replaceAll("{record}", canary.record)
      .replaceAll("{url}", canary.url);
  };
  const filled = Object.entries(parameters).map(([name, value]) => {
    return [name, typeof value === "string" ? named(value) : value] as const;
  });
  try {
    return await ask(engine, named(statement), Object.fromEntries(filled));
  } catch (error) {
    if (isFailure(error, "query_invalid") || isFailure(error, "query_not_read_only")) return error;
    throw new assert.AssertionError({ message: `${statement}: ${error}` });
  }
}

function toldBy({ columns, rows }: GraphAnswer): string {
  return [...columns, ...rows.flat().map(shown)].join(" ");
}

/** The constraint that keys rest on is still there: writers at once make one node. */
async function stillUnique(engine: GraphEngine): Promise<void> {
  const writers = Array.from({ length: 10 }, () => write(engine, { nodes: [node("after")] }));
  const made = (await Promise.all(writers)).map(({ nodes }) => nodes.created);
  assert.equal(made.reduce((sum, created) => sum + created, 0), 1);
}

type BatchOf = (text: string) => GraphBatch;

/** What is written with an odd text in one place; everything hangs on a node of its own. */
const ODD_PLACES: Readonly<Record<string, BatchOf>> = {
  "key": (text) => ({ nodes: [node(text, ["Odd"], { x: 1n })], relationships: [] }),
  "label": (text) => ({ nodes: [node("odd", [text], { x: 1n })], relationships: [] }),
  "type": (text) => ({
    nodes: [node("odd")],
    relationships: [relationship("odd", text, "odd", { x: 1n })],
  }),
  "property name": (text) => ({
    nodes: [node("odd", [], { [text]: 1n })],
    relationships: [relationship("odd", "T", "odd", { [text]: 1n })],
  }),
};

async function writeOdd(engine: GraphEngine, batchOf: BatchOf): Promise<void> {
  const before = await exportOf(engine);
  for (const text of ODD_IDENTIFIERS) {
    const batch = batchOf(text);
    const said = JSON.stringify(text).slice(0, 100);
    const refused = await engine.writer.upsert(batch, STAYING).then(
      () => null,
      (error: DomainError) => error.failure?.code ?? String(error),
    );
    const lines = [
      ...batch.nodes.map((written) => shown({ kind: "node", id: "", ...written })),
      ...batch.relationships.map((written) => shown({ kind: "relationship", ...written })),
    ];
    if (refused !== null) assert.equal(refused, "validation_failed", said);
    const expected = refused === null ? [...before, ...lines].sort() : before;
    assert.deepEqual(await exportOf(engine), expected, said);
    if (refused !== null) continue;
    await remove(engine, { nodes: batch.nodes.map(({ key }) => key), detach: true });
    assert.deepEqual(await exportOf(engine), before, said);
  }
}

/** The service's own label and the key as a property: refused, or without effect. */
async function impersonates(engine: GraphEngine): Promise<void> {
  const before = await exportOf(engine);
  const odd = [
    node("eve", ["GraphNode"]),
    node("eve", [], { key: "ada" }),
    node("eve", [], { key: null }),
    node("eve", [], { id: "ada", _id: 0n, elementId: "ada", _labels: ["Person"] }),
  ];
  for (const eve of odd) {
    await write(engine, { nodes: [eve] }).catch((error) => {
      assert.ok(isFailure(error, "validation_failed"), String(error));
    });
    const others = (await exportOf(engine)).filter((line) => !/^\(eve[ :]/.test(line));
    assert.deepEqual(others, before);
    assert.ok(!(await exportOf(engine)).join().includes("GraphNode"));
    const ada = await rowsOf(engine, "MATCH (n {key: 'ada'}) RETURN n.name AS name");
    assert.deepEqual(ada, ['"Ada"']);
  }
  await remove(engine, { nodes: ["eve"] });
  assert.deepEqual(await exportOf(engine), before);
}
