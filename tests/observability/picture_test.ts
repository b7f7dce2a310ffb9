import assert from "node:assert/strict";
import type { PanelJson } from "./dashboard_files.ts";
import { colorOf, type PanelData, picture, written } from "./picture.ts";

const panel: PanelJson = {
  id: 1,
  type: "timeseries",
  title: "A <title>",
  description: "",
  datasource: { type: "prometheus", uid: "" },
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  fieldConfig: {
    defaults: {
      unit: "s",
      mappings: [{ options: { "2": { text: "half open" } } }],
      thresholds: { steps: [{ color: "green", value: null }, { color: "red", value: 0.2 }] },
    },
  },
  targets: [],
  links: [],
};

Deno.test("written() writes a value as its unit asks", () => {
  const cases: [number, string, string][] = [
    [0.0375, "percentunit", "3.75 %"],
    [70, "percent", "70 %"],
    [3 * 2 ** 20, "bytes", "3 MiB"],
    [9520 * 2 ** 20, "bytes", "9.3 GiB"],
    [12.34, "reqps", "12.3/s"],
    [2.5, "s", "2.5 s"],
    [183, "s", "3.05 min"],
    [5400, "s", "1.5 h"],
    [0.2, "s", "200 ms"],
    [0.00005, "s", "50 µs"],
    [NaN, "s", "–"],
  ];
  for (const [value, unit, shown] of cases) assert.equal(written(value, unit), shown);
});

Deno.test("colorOf() is that of the highest threshold that a value reaches", () => {
  assert.notEqual(colorOf(0.19, panel), colorOf(0.2, panel));
  assert.equal(colorOf(0.2, panel), colorOf(9, panel));
});

Deno.test("picture() draws a line a series, from the first time to the last, with nothing unescaped", () => {
  const data: PanelData = {
    panel,
    series: [
      { name: "a & b", labels: {}, points: [[0, 0], [10, NaN], [20, 2]] },
      { name: "none", labels: {}, points: [] },
    ],
  };
  const svg = picture({ title: "All" }, [data]);
  const [line = ""] = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = ""]) => points);
  const [[left, bottom], [right, top]] = line.split(" ").map((it) => it.split(",").map(Number)) as [
    [number, number],
    [number, number],
  ];
  assert.ok(left < right && bottom > top, "time goes to the right, and more is higher");
  assert.match(svg, />A &lt;title&gt;<\/text>/);
  assert.match(svg, />a &amp; b<\/text>/);
  assert.match(svg, />half open<\/text>/);
  assert.match(svg, />20 s before<\/text>/);
  assert.match(svg, /stroke="#d11f2f"/, "the limit");
});

Deno.test("picture() writes a table's labels, a column each", () => {
  const labels = { instance: "app1:8000", version: "0.1.0" };
  const table = { ...panel, type: "table" };
  const svg = picture({ title: "" }, [{
    panel: table,
    series: [{ name: "", labels, points: [] }],
  }]);
  for (const [name, value] of Object.entries(labels)) {
    const [head, cell] = [name, value].map((it) => RegExp(`x="(\\d+)"[^>]*>${it}<`).exec(svg)?.[1]);
    assert.ok(head !== undefined && head === cell, name);
  }
});
