import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { fuzzDocument } from "../fixtures/schemathesis.ts";

Deno.test({
  name: "10,000 requests made from the document find no fault and no undocumented answer; " +
    "needs schemathesis [S35, S36]",
  ignore: !await areInstalled("schemathesis"),
  async fn() {
    let cases = 0;
    for (let seed = 1; cases < 10_000; seed += 1) {
      const run = await fuzzDocument({ examples: 400, seed });
      assert.ok(run.cases >= 1000, run.report);
      cases += run.cases;
    }
  },
});
