import assert from "node:assert/strict";
import { dashboardFiles } from "../../adapters/otel/dashboards/all.ts";
import { projectText } from "../fixtures/compose_file.ts";

Deno.test("rules and dashboards judge the same requests and tools [S41]", async () => {
  const rules = await projectText("deploy/prometheus/recording.rules.yml");
  const drawn = Object.values(dashboardFiles()).join("").replaceAll('\\"', '"');
  for (const label of ["route", "tool"]) {
    const said = (text: string) =>
      new Set(Array.from(text.matchAll(new RegExp(`${label}!~"([^"]+)"`, "g")), ([, it]) => it));
    const [ruled, shown] = [said(rules), said(drawn)];
    assert.equal(ruled.size, 1, label);
    assert.deepEqual(shown, ruled);
  }
});
