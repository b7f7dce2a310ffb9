import assert from "node:assert/strict";
import { aggregateWithIds } from "./named_aggregate.ts";

const NODES = "Aggregate (group: [n], aggs: [count(...) AS count(*)])";
const NUMBERS = "Aggregate (group: [], aggs: [count(...) AS count(*), sum(...) AS sum(n.x)])";

const PLANS: readonly [plan: string, place: ReturnType<typeof aggregateWithIds>][] = [
  [`${NODES}\n  NodeScan (n:*)\n`, "outermost"],
  [`Limit (3)\n  Sort (n.key ASC)\n    ${NODES}\n      NodeScan (n:*)\n`, "outermost"],
  [`Return (n, c AS c)\n  ${NODES}\n    NodeScan (n:*)\n`, null],
  [`${NUMBERS}\n  NodeScan (n:*)\n`, null],
  [`Return (x)\n  Apply\n    Empty\n    ${NODES}\n      NodeScan (n:*)\n`, null],
  [`Return (*)\n  Apply\n    Empty\n    ${NODES}\n      NodeScan (n:*)\n`, "within"],
  [
    `Distinct\n  Union (2 branches)\n    ${NUMBERS}\n      Empty\n    ${NODES}\n      Empty\n`,
    "within",
  ],
  ["Aggregate (group: [], aggs: [count(...) AS count(*), max(...) AS max(n)])\n", "outermost"],
];

for (const [plan, place] of PLANS) {
  const shown = JSON.stringify(plan).slice(0, 70);
  Deno.test(`aggregateWithIds() finds ${place ?? "nothing"} in ${shown} [S10]`, () => {
    assert.equal(aggregateWithIds(plan), place);
  });
}
