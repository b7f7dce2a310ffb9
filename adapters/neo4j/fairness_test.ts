import assert from "node:assert/strict";
import {
  ask,
  exportOf,
  failureOf,
  node,
  rowsOf,
  STAYING,
  write,
} from "../../tests/fixtures/graph.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { placeAt, POOL, tested } from "../../tests/fixtures/neo4j_graph.ts";
import { neo4jService } from "../../tests/fixtures/services.ts";

const RUNAWAY = "UNWIND range(1, $last) AS x WITH x WHERE x % 7 = 8 RETURN count(x) AS c";

tested("many callers share few connections, and each wait is told [S8]", async (graph) => {
  const waits: number[] = [];
  graph.subscribe((seconds) => waits.push(seconds));
  let most = 0;
  const asked = Array.from({ length: 100 }, async (_, x) => {
    const rows = await rowsOf(graph, "RETURN $x AS x", { x: BigInt(x) });
    most = Math.max(most, graph.pool.inUse);
    return rows;
  });
  assert.deepEqual((await Promise.all(asked)).flat(), asked.map((_, x) => `${x}`));
  assert.ok(most <= 8 && waits.length >= 100);
  await eventually("all connections free", () => graph.pool.inUse === 0 ? true : null);
  assert.ok(graph.pool.idle > 0 && graph.pool.idle <= 8);
});

tested(
  "who meets no free connection in time is told that the graph is unavailable [S8]",
  async () => {
    const pool = { ...POOL, size: 1, acquisitionSeconds: 0.2 };
    await using graph = await placeAt(await neo4jService(), { pool }).open();
    await rowsOf(graph, RUNAWAY, { last: 1n });
    await write(graph, { nodes: [node("a")] });
    const running = failureOf(ask(graph, RUNAWAY, { last: 10n ** 10n }, { timeoutSeconds: 3 }));
    const failure = await eventually("the connection taken", async () => {
      const writing = write(graph, { nodes: [node("a")] });
      return await writing.then(() => null, () => failureOf(writing));
    });
    assert.ok(failure.code === "dependency_unavailable");
    assert.match(failure.reason, /no connection became free within 0.2 s/);
    // Nothing is wrong with the database, and whoever tried again would wait as long once more.
    assert.deepEqual([failure.blameless, failure.transient], [true, false]);
    assert.equal((await running).code, "query_timeout");
  },
);

tested(
  "a query has no more time than it was given, waiting for others' included [S8, S9]",
  async () => {
    const pool = { ...POOL, size: 1, acquisitionSeconds: 5 };
    await using graph = await placeAt(await neo4jService(), { pool }).open();
    await rowsOf(graph, RUNAWAY, { last: 1n });
    await rowsOf(graph, "RETURN 1 AS x");
    const ended: string[] = [];
    const running = failureOf(ask(graph, RUNAWAY, { last: 10n ** 10n }, { timeoutSeconds: 2 }))
      .finally(() => ended.push("the first"));
    await eventually("the connection taken", () => graph.pool.inUse > 0 ? true : null);
    const hurried = await failureOf(ask(graph, "RETURN 1 AS x", {}, { timeoutSeconds: 0.3 }));
    assert.deepEqual([hurried.code, ended], ["query_timeout", []]);
    assert.equal((await running).code, "query_timeout");
  },
);

tested(
  "others' reads, and writes, go through while one caller's reads run away [S8, S9, S10]",
  async () => {
    const pool = { ...POOL, size: 8, acquisitionSeconds: 1 };
    await using graph = await placeAt(await neo4jService(), { pool }).open();
    await rowsOf(graph, RUNAWAY, { last: 1n });
    await write(graph, { nodes: [node("a")] });
    const leaving = new AbortController();
    const last = 10n ** 10n;
    const bounds = { statement: RUNAWAY, parameters: { last }, limit: 1, timeoutSeconds: 25 };
    const ended: string[] = [];
    const away = Array.from({ length: 24 }, async () => {
      const failure = await failureOf(
        graph.reader.query({ ...bounds, caller: "mallory" }, leaving.signal),
      );
      ended.push(failure.code === "dependency_unavailable" ? `${failure.blameless}` : failure.code);
    });
    // So many have waited in vain: the others are at work.
    await eventually("mallory's share at work", () => ended.length === 21 ? true : null);
    for (const at of [1n, 2n, 3n]) {
      const query = {
        statement: "RETURN $at AS at",
        parameters: { at },
        limit: 1,
        timeoutSeconds: 5,
      };
      assert.deepEqual((await graph.reader.query({ ...query, caller: "ada" }, STAYING)).rows, [[
        at,
      ]]);
      await write(graph, { nodes: [node(`n${at}`)] });
      await graph.reader.metrics(STAYING);
    }
    assert.deepEqual([...new Set(ended)], ["true"]);
    leaving.abort();
    await Promise.all(away);
  },
);

tested(
  "exports that nobody reads from leave reads alone, and a third is refused [S8, B4]",
  async () => {
    const pool = { ...POOL, size: 1, acquisitionSeconds: 0.2 };
    await using graph = await placeAt(await neo4jService(), { pool }).open();
    await write(graph, { nodes: [node("a"), node("b")] });
    const exports = [1, 2].map(() => graph.reader.entries(STAYING)[Symbol.asyncIterator]());
    for (const entries of exports) assert.equal((await entries.next()).done, false);
    assert.deepEqual(await rowsOf(graph, "RETURN 1 AS x"), ["1"]);
    await write(graph, { nodes: [node("c")] });
    const failure = await failureOf(exportOf(graph));
    assert.ok(failure.code === "dependency_unavailable" && failure.blameless === true);
    assert.ok(failure.retryAfterSeconds > 0);
    for (const entries of exports) await entries.return?.();
    await eventually("an export", () => exportOf(graph).catch(() => null));
  },
);

tested("statements that are planned for long leave connections for others [S10]", async (graph) => {
  await rowsOf(graph, "RETURN 1 AS x");
  const endless = Array.from({ length: 16 }, (_, at) => {
    const hops = "-[:T]->()".repeat(200 + at);
    return failureOf(
      ask(graph, `MATCH (a)${hops} RETURN count(*) AS c`, {}, { timeoutSeconds: 1 }),
    );
  });
  await eventually("them planned", () => graph.pool.inUse >= 2 ? true : null);
  assert.deepEqual(await rowsOf(graph, "RETURN 1 AS x"), ["1"]);
  await write(graph, { nodes: [node("a")] });
  const codes = (await Promise.all(endless)).map(({ code }) => code);
  assert.deepEqual([...new Set(codes)], ["query_timeout"]);
  assert.ok(graph.pool.inUse <= 2, `${graph.pool.inUse} in use`);
});
