import assert from "node:assert/strict";
import { isFailure } from "../../../domain/errors.ts";
import { ensureReading, rootOf } from "./gate.ts";

const READS = [
  "Return (1)\n  Empty\n",
  "Limit (3)\n  Sort (n.name ASC)\n    Return (n.name)\n      Filter (n.age Gt 1) [range: age]\n        NodeScan (n:*)\n",
  "Return (n.key, c)\n  Apply\n    NodeScan (n:*)\n    Aggregate (group: [])\n      Expand (n)--[:*]--(m)\n        Discriminant(51)\n",
  "Return (ExistsSubquery(Expand(ExpandOp { input: NodeScan(NodeScanOp { input: None }) })))\n  Empty\n",
];

/** Plans with something that nobody has found to read only, unheard-of operators included. */
const OTHERS = [
  "Return ()\n  Create (n:)\n",
  "Return (l)\n  LoadCsv ('file:///etc/passwd' AS l)\n",
  "CallProcedure (db.labels)\n",
  "Return (1)\n  Discriminant(52)\n",
  "Return (1)\n  Discriminant(51) extra\n",
  "Return (1)\n  Teleport\n",
  "Return (1)\n  \n  Empty\n",
  "Return (1)\n\tCreate (n)\n",
  "Return (ExistsSubquery(Apply(CreateNodeOp { input: None })))\n  Empty\n",
];

for (const plan of READS) {
  Deno.test(`ensureReading() lets ${JSON.stringify(plan).slice(0, 60)} through [S10]`, () => {
    ensureReading(plan);
  });
}

for (const plan of OTHERS) {
  Deno.test(`ensureReading() refuses ${JSON.stringify(plan).slice(0, 60)} [S10]`, () => {
    assert.throws(() => ensureReading(plan), (error) => isFailure(error, "query_not_read_only"));
  });
}

Deno.test("ensureReading() says that a statement without RETURN gives nothing [S10]", () => {
  const [plan] = ["NodeScan (n:*)\n"];
  assert.throws(() => ensureReading(plan ?? ""), (error) => isFailure(error, "query_invalid"));
});

Deno.test("rootOf() gives the outermost operator [S10]", () => {
  assert.equal(rootOf("Limit (3)\n  Return (1)\n"), "Limit (3)");
});
