import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { fuzzDocument } from "../fixtures/schemathesis.ts";

Deno.test({
  name: "requests made from the document find no fault and no undocumented answer; " +
    "needs schemathesis [S35, S36]",
  ignore: !await areInstalled("schemathesis"),
  async fn() {
    const { cases, report } = await fuzzDocument({ examples: 20, seed: 1 });
    assert.ok(cases >= 500, report);
  },
});
