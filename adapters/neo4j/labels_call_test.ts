import assert from "node:assert/strict";
import { labelsWithoutOwn } from "./labels_call.ts";
import { tokensOf } from "./lexical.ts";
import { withInsertions } from "./rewriting.ts";

function rewritten(statement: string): string {
  return withInsertions(statement, labelsWithoutOwn(tokensOf(statement)));
}

const WITHOUT = "WHERE _umcp_label <> 'GraphNode']";

Deno.test("labelsWithoutOwn() takes the label out of every call, in whatever letters [S9, S10]", () => {
  assert.equal(
    rewritten("RETURN labels(n) AS l"),
    `RETURN [_umcp_label IN labels(n) ${WITHOUT} AS l`,
  );
  assert.equal(rewritten("RETURN LABELS ( n )"), `RETURN [_umcp_label IN LABELS ( n ) ${WITHOUT}`);
  assert.equal(rewritten("RETURN `labels`(n)"), `RETURN [_umcp_label IN \`labels\`(n) ${WITHOUT}`);
});

Deno.test("labelsWithoutOwn() finds the call's own closing bracket", () => {
  assert.equal(
    rewritten("RETURN size(labels(head([(n), ')'])))"),
    `RETURN size([_umcp_label IN labels(head([(n), ')'])) ${WITHOUT})`,
  );
  assert.equal(
    rewritten("RETURN labels(nodes(p)[size(labels(n))])"),
    `RETURN [_umcp_label IN labels(nodes(p)[size([_umcp_label IN labels(n) ${WITHOUT})]) ${WITHOUT}`,
  );
});

Deno.test("labelsWithoutOwn() leaves alone what is no call", () => {
  for (
    const statement of [
      "RETURN n.labels AS labels",
      "RETURN 'labels(n)' AS x",
      "RETURN 1 AS x // labels(n)",
      "MATCH (n:labels) RETURN n",
      "RETURN x.labels(n)",
    ]
  ) assert.equal(rewritten(statement), statement);
});
