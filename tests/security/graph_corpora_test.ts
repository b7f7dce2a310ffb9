import assert from "node:assert/strict";
import { ATTEMPTS } from "./graph/attempts.ts";
import { READS } from "./graph/reads.ts";

Deno.test("the graph's corpora hold 150 attempts and 60 honest reads at least, none twice [S10]", () => {
  const attempts = ATTEMPTS.map(({ statement, parameters }) => [statement, parameters]);
  const reads = READS.map(([statement]) => statement);
  for (const [texts, least] of [[attempts.map(distinct), 150], [reads, 60]] as const) {
    assert.ok(texts.length >= least, `${texts.length}`);
    assert.equal(new Set(texts).size, texts.length);
  }
  const refused = ATTEMPTS.filter(({ answerable }) => !answerable);
  const asked = new Set(refused.map(({ statement }) => statement));
  assert.deepEqual(reads.filter((statement) => asked.has(statement)), []);
});

function distinct(attempt: unknown): string {
  return JSON.stringify(attempt, (_, value) => typeof value === "bigint" ? `${value}n` : value);
}
