import assert from "node:assert/strict";
import { INTERNAL_LABEL } from "../../domain/graph/names.ts";
import neo4j from "neo4j-driver";
import type { GraphEntry } from "../../domain/graph/batch.ts";
import {
  ask,
  exportOf,
  failureOf,
  node,
  relationship,
  rowsOf,
  STAYING,
  write,
} from "../../tests/fixtures/graph.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { placeAt, tested } from "../../tests/fixtures/neo4j_graph.ts";
import { neo4jService } from "../../tests/fixtures/services.ts";
import { openTcpProxy } from "../../tests/fixtures/tcp_proxy.ts";

/** What somebody else does in the same database. */
async function behindItsBack(statement: string, parameters: object = {}) {
  const { uri, user, password } = await neo4jService();
  await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password), { useBigInt: true });
  return await driver.executeQuery(statement, parameters, { database: "neo4j" });
}

tested(
  "labels() has the caller's labels only, and the column the caller's name [S9, S10]",
  async (graph) => {
    await write(graph, { nodes: [node("a", ["A"]), node("b", ["A"]), node("c")] });
    const grouped = "MATCH (n) RETURN labels(n), count(*) AS c ORDER BY c";
    const { columns } = await ask(graph, grouped);
    assert.deepEqual(columns, ["labels(n)", "c"]);
    assert.deepEqual(await rowsOf(graph, grouped), ["[], 1", '["A"], 2']);
    assert.deepEqual(await rowsOf(graph, "MATCH (n) WHERE labels(n) = [] RETURN n"), ["(c {})"]);
    assert.deepEqual(await rowsOf(graph, "MATCH (n) UNWIND LABELS (n) AS l RETURN DISTINCT l"), [
      '"A"',
    ]);
    assert.deepEqual(
      await rowsOf(graph, "MATCH (n) UNWIND lab\\u0065ls\x1c(n) AS l RETURN DISTINCT l"),
      [
        '"A"',
      ],
    );
    assert.deepEqual(await rowsOf(graph, "RETURN labels(null) AS x, ['GraphNode'] AS y"), [
      'null, ["GraphNode"]',
    ]);
  },
);

tested(
  "what others have made is shown as theirs, and not exported [S9, S10, B4]",
  async (graph) => {
    await write(graph, { nodes: [node("a")] });
    await behindItsBack(
      "MATCH (a:GraphNode) CREATE (a)-[:T]->(:Other {key: 'a', x: 1})-[:U]->(:Other {key: 7})",
    );
    const { rows } = await ask(graph, "MATCH (n:Other) RETURN n ORDER BY n.x");
    const found = rows.flatMap(([value]) => {
      assert.ok(typeof value === "object" && value !== null && "kind" in value);
      return value.kind === "node" ? [value] : [];
    });
    assert.deepEqual(found.map(({ key, labels, properties }) => ({ key, labels, properties })), [
      { key: null, labels: ["Other"], properties: { key: "a", x: 1n } },
      { key: null, labels: ["Other"], properties: { key: 7n } },
    ]);
    const [ends] = await rowsOf(graph, "MATCH ()-[r:T]->() RETURN r");
    assert.equal(ends, `[a T ${found[0]?.id} {}]`);
    // A pattern with a key is looked up among the service's own nodes, which is what the index holds.
    assert.deepEqual(await rowsOf(graph, "MATCH (n {key: 'a'}) RETURN n"), ["(a {})"]);
    assert.deepEqual(await exportOf(graph), ["(a {})"]);
    assert.equal((await graph.reader.metrics(STAYING)).nodeCount, 3);
  },
);

tested("an answer that cannot be told is the statement's fault [S1, S10]", async (graph) => {
  const failure = await failureOf(
    ask(graph, "RETURN datetime({year: 300000, timezone: 'Europe/Paris'}) AS d"),
  );
  assert.ok(failure.code === "query_invalid");
  assert.match(failure.message, /its answer cannot be told/);
});

tested("a value that no index can hold is the batch's fault [S1, S9]", async (graph) => {
  await behindItsBack("CREATE INDEX too_long FOR (n:A) ON (n.x)");
  await behindItsBack("CALL db.awaitIndexes()");
  try {
    const failure = await failureOf(
      write(graph, { nodes: [node("a", ["A"], { x: "x".repeat(40_000) })] }),
    );
    assert.deepEqual(failure, {
      code: "graph_conflict",
      reason: "a value is too long for an index of the database",
    });
  } finally {
    await behindItsBack("DROP INDEX too_long");
  }
});

tested("the generation moves with what others write, too [S12]", async (graph) => {
  const before = await graph.reader.generation(STAYING);
  await behindItsBack("CREATE (:Other)");
  await eventually("another generation", async () => {
    return (await graph.reader.generation(STAYING)) === before ? null : true;
  });
});

tested(
  "instances call a state by one name, whatever connections they have made [S12]",
  async (graph) => {
    await write(graph, { nodes: [node("a")] });
    const first = await graph.reader.generation(STAYING);
    const place = placeAt(await neo4jService());
    await using other = await place.open();
    await Promise.all(Array.from({ length: 5 }, () => ask(other, "MATCH (n) RETURN n")));
    assert.equal(await other.reader.generation(STAYING), first);
    assert.equal(await graph.reader.generation(STAYING), first);
    assert.match(first, /^\d{13} FB:/);
    assert.ok(place.lines.every(({ event }) => event !== "graph_start_unknown"));
  },
);

tested("the constraint is made again where it is gone, by two at once [S9]", async () => {
  await behindItsBack("DROP CONSTRAINT graph_node_key");
  const service = await neo4jService();
  const [one, two] = await Promise.all([placeAt(service).open(), placeAt(service).open()]);
  await using first = one;
  await using second = two;
  const batch = { nodes: [node("a")] };
  const made = await Promise.all([write(first, batch), write(second, batch)]);
  assert.equal(made.reduce((sum, { nodes }) => sum + nodes.created, 0), 1);
  const { records } = await behindItsBack(
    "SHOW CONSTRAINTS YIELD labelsOrTypes AS labels WHERE labels = $labels RETURN labels",
    { labels: [INTERNAL_LABEL] },
  );
  assert.equal(records.length, 1);
});

tested(
  "nothing is written where the constraint's name stands for something else [S9]",
  async () => {
    await behindItsBack("DROP CONSTRAINT graph_node_key");
    await behindItsBack("CREATE INDEX graph_node_key FOR (n:Other) ON (n.x)");
    try {
      const place = placeAt(await neo4jService());
      await using graph = await place.open();
      assert.ok(place.lines.some(({ event }) => event === "graph_not_reached"));
      const failure = await failureOf(write(graph, { nodes: [node("a")] }));
      assert.ok(failure.code === "dependency_unavailable");
      assert.match(failure.reason, /graph_node_key/);
      assert.deepEqual(await rowsOf(graph, "MATCH (n) RETURN n"), []);
    } finally {
      await behindItsBack("DROP INDEX graph_node_key");
    }
  },
);

tested("writers that take the same nodes from either end all succeed [S5, S9]", async (graph) => {
  const keys = Array.from({ length: 20 }, (_, at) => `n${at}`);
  await write(graph, { nodes: keys.map((key) => node(key)) });
  const writers = Array.from({ length: 20 }, (_, writer) => {
    const order = writer % 2 === 0 ? keys : keys.toReversed();
    const hub = writer % 2 === 0 ? "n0" : "n19";
    return write(graph, {
      nodes: order.map((key) => node(key, [], { [`w${writer}`]: 1n })),
      relationships: order.map((key) => relationship(hub, writer % 3 === 0 ? "T" : "U", key)),
    });
  });
  for (const { nodes } of await Promise.all(writers)) assert.equal(nodes.updated, 20);
});

tested("an export beside writers has no relationship whose end it has not [B4]", async (graph) => {
  await write(graph, {
    nodes: Array.from({ length: 3000 }, (_, at) => node(`n${at}`)),
    relationships: Array.from({ length: 3000 }, (_, at) => relationship(`n${at}`, "T", "n0")),
  });
  let made = 0;
  const entries: GraphEntry[] = [];
  for await (const entry of graph.reader.entries(STAYING)) {
    entries.push(entry);
    if (entries.length % 500 !== 1) continue;
    made += 1;
    const [late, old] = [`late${made}`, `n${made}`];
    await write(graph, {
      nodes: [node(late)],
      relationships: [relationship(late, "T", old), relationship(old, "T", late)],
    });
  }
  const keys = new Set(entries.flatMap((entry) => entry.kind === "node" ? [entry.key] : []));
  const related = entries.filter((entry) => entry.kind === "relationship");
  assert.ok(made > 5 && related.length >= 3000);
  assert.deepEqual(related.filter(({ start, end }) => !keys.has(start) || !keys.has(end)), []);
});

tested("a batch that loses its connection is there whole, or not at all [S9]", async () => {
  const service = await neo4jService();
  await using way = openTcpProxy(service.port);
  const uri = `bolt://127.0.0.1:${way.port}`;
  await using graph = await placeAt({ ...service, uri }).open();
  const rows = Array.from({ length: 500 }, (_, at) => at);
  let lost = 0;
  for (let batch = 0; batch < 20; batch += 1) {
    const writing = write(graph, {
      nodes: rows.map((at) => node(`b${batch}n${at}`, ["B"], { batch: BigInt(batch) })),
      relationships: rows.map((at) => relationship(`b${batch}n0`, "T", `b${batch}n${at}`)),
    });
    setTimeout(() => way.cut(), 2 * batch);
    await writing.catch(() => lost += 1);
  }
  assert.ok(lost > 0);
  const whole = await rowsOf(graph, "MATCH (n:B) RETURN n.batch AS b, count(*) AS c ORDER BY b");
  for (const row of whole) assert.match(row, /^\d+, 500$/);
  const [related] = await rowsOf(graph, "MATCH ()-[r:T]->() RETURN count(r) AS c");
  assert.equal(Number(related), whole.length * 500);
});
