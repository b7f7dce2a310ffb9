import type { Trace } from "../fixtures/private_prometheus.ts";
import type { DashboardJson, PanelJson } from "./dashboard_files.ts";

/** What a panel's queries gave over time, each series with what its legend calls it. */
export interface PanelData {
  readonly panel: PanelJson;
  readonly series: readonly (Trace & { readonly name: string })[];
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const COLUMN = 40;
const ROW = 28;
const HEAD = 34;
const LEGEND_LINE = 14;
const MOST_LINES = 12;
const COLORS = [
  "#3274d9",
  "#56a64b",
  "#e0b400",
  "#e02f44",
  "#8f3bb8",
  "#ff780a",
  "#00a3a3",
  "#777",
  "#a0522d",
  "#c15c9e",
  "#6a8f00",
  "#1f4e8c",
];
const NAMED: Readonly<Record<string, string>> = {
  green: "#2a7f3a",
  orange: "#d9730d",
  red: "#d11f2f",
};

/** A value as the dashboard's unit writes it. */
export function written(value: number, unit: string): string {
  const short = (it: number) => `${Number(it.toPrecision(3))}`;
  if (!Number.isFinite(value)) return "–";
  if (unit === "percentunit") return `${short(value * 100)} %`;
  if (unit === "percent") return `${short(value)} %`;
  if (unit === "bytes") {
    return value < 2 ** 30 ? `${short(value / 2 ** 20)} MiB` : `${short(value / 2 ** 30)} GiB`;
  }
  if (unit === "reqps" || unit === "ops") return `${short(value)}/s`;
  if (unit !== "s") return short(value);
  if (value >= 3600) return `${short(value / 3600)} h`;
  if (value >= 60) return `${short(value / 60)} min`;
  if (value >= 1) return `${short(value)} s`;
  return value >= 0.001 || value === 0 ? `${short(value * 1000)} ms` : `${short(value * 1e6)} µs`;
}

/** A value as the panel shows it: by its name where it has one. */
function shown(value: number, { fieldConfig: { defaults: { unit, mappings } } }: PanelJson) {
  const names = Object.assign({}, ...mappings.map(({ options }) => options));
  return names[`${value}`]?.text ?? written(value, unit);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function text(x: number, y: number, content: string, more = ""): string {
  return `<text x="${Math.round(x)}" y="${Math.round(y)}" ${more}>${escaped(content)}</text>`;
}

function last(points: Trace["points"]): number {
  return points.findLast(([, value]) => Number.isFinite(value))?.[1] ?? NaN;
}

/** The colour of a value by the panel's thresholds. */
export function colorOf(value: number, { fieldConfig }: PanelJson): string {
  const { steps } = fieldConfig.defaults.thresholds;
  const reached = steps.findLast((step) => step.value === null || value >= step.value);
  return NAMED[reached?.color ?? ""] ?? "#333";
}

function drawStat({ panel, series }: PanelData, { x, y, width, height }: Box): string {
  const value = last(series[0]?.points ?? []);
  const style = `text-anchor="middle" font-size="26" fill="${colorOf(value, panel)}"`;
  return text(x + width / 2, y + height / 2 + 20, shown(value, panel), style);
}

function drawTable({ series }: PanelData, { x, y, width }: Box): string {
  const [first] = series;
  const columns = Object.keys(first?.labels ?? {});
  const rows = [columns, ...series.map(({ labels }) => columns.map((it) => labels[it] ?? ""))];
  const step = (width - 24) / columns.length;
  return rows.map((row, line) =>
    row.map((cell, column) => {
      const style = `font-size="12"${line === 0 ? ' fill="#3274d9"' : ""}`;
      return text(x + 12 + column * step, y + 44 + line * 22, cell, style);
    }).join("")
  ).join("");
}

/** How many names of so many lines stand beside each other. */
const columnsFor = (lines: number) => lines > 8 ? 3 : 2;

/** What a panel's lines are drawn within: times from left to right, values from 0 upwards. */
interface Plot extends Box {
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

function plotOf({ panel, series }: PanelData, box: Box): Plot {
  const all = series.flatMap(({ points }) => points).filter(([, value]) => Number.isFinite(value));
  const times = all.map(([at]) => at);
  const lines = Math.ceil(series.length / columnsFor(series.length));
  const { mappings, thresholds } = panel.fieldConfig.defaults;
  const named = mappings.flatMap(({ options }) => Object.keys(options));
  const limits = thresholds.steps.map(({ value }) => value ?? 0);
  return {
    x: box.x + 62,
    y: box.y + 34,
    width: box.width - 76,
    height: box.height - 66 - lines * LEGEND_LINE,
    from: Math.min(...times),
    to: Math.max(...times),
    // All that has a name has its place.
    most: Math.max(...all.map(([, value]) => value), ...named.map(Number), 0) ||
      2 * Math.max(...limits) || 1,
  };
}

/** Where the limits are that a panel's colours speak of, as far as its values come near them. */
function drawLimits(panel: PanelJson, plot: Plot): string {
  const { steps } = panel.fieldConfig.defaults.thresholds;
  const near = steps.filter((step) => step.value !== null && step.value <= plot.most);
  return near.map(({ value, color }) => {
    const height = plot.y + plot.height * (1 - (value ?? 0) / plot.most);
    const stroke = `stroke="${NAMED[color] ?? "#333"}" stroke-dasharray="5 3"`;
    return `<path d="M${plot.x} ${height.toFixed(1)}h${plot.width}" ${stroke}/>`;
  }).join("");
}

function drawAxes(panel: PanelJson, { x, y, width, height, from, to, most }: Plot): string {
  const values = panel.fieldConfig.defaults.mappings.length > 0
    ? Array.from({ length: most + 1 }, (_, value) => value)
    : [0, most / 2, most];
  const across = values.map((value) => {
    const line = y + height * (1 - value / most);
    return `<path d="M${x} ${line}h${width}" stroke="#ddd"/>` +
      text(x - 4, line + 4, shown(value, panel), 'text-anchor="end"');
  });
  const below = Number.isFinite(from)
    ? [
      text(x, y + height + 13, `${Math.round(to - from)} s before`, 'fill="#777"'),
      text(x + width, y + height + 13, "now", 'fill="#777" text-anchor="end"'),
    ]
    : [];
  return [...across, ...below].join("");
}

function drawLines({ panel, series }: PanelData, box: Box): string {
  const drawn = series.toSorted((one, other) => last(other.points) - last(one.points))
    .slice(0, MOST_LINES);
  const plot = plotOf({ panel, series: drawn }, box);
  const { x, y, width, height, from, to, most } = plot;
  const place = ([at, value]: readonly [number, number]) => {
    const left = x + width * (to > from ? (at - from) / (to - from) : 0);
    return `${left.toFixed(1)},${(y + height * (1 - value / most)).toFixed(1)}`;
  };
  const lines = drawn.map(({ points }, at) => {
    const finite = points.filter(([, value]) => Number.isFinite(value));
    return `<polyline points="${finite.map(place).join(" ")}" stroke="${COLORS[at]}"/>`;
  });
  const names = legend(drawn, series.length, { ...plot, y: y + height + 30 });
  return drawAxes(panel, plot) + drawLimits(panel, plot) + lines.join("") + names;
}

function legend(drawn: PanelData["series"], count: number, { x, y, width }: Box): string {
  const columns = columnsFor(drawn.length);
  const size = columns > 2 ? ' font-size="9"' : "";
  const names = drawn.map(({ name }, at) => {
    const line = y + Math.floor(at / columns) * LEGEND_LINE;
    return text(x + (at % columns) * width / columns, line, name, `fill="${COLORS[at]}"${size}`);
  });
  const more = count - drawn.length;
  const said = text(x + width / 2, y - 17, `and ${more} more`, 'text-anchor="middle"');
  return names.join("") + (more > 0 ? said : "");
}

const DRAWN: Readonly<Record<string, (data: PanelData, box: Box) => string>> = {
  stat: drawStat,
  table: drawTable,
  timeseries: drawLines,
};

/** A dashboard as an SVG: its panels where Grafana has them, drawn by plainer hands. */
export function picture(
  { title }: Pick<DashboardJson, "title">,
  panels: readonly PanelData[],
): string {
  const width = 24 * COLUMN;
  const bottom = Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h));
  const height = HEAD + bottom * ROW;
  const drawn = panels.map((data) => {
    const { gridPos, title, type } = data.panel;
    const box = {
      x: gridPos.x * COLUMN + 3,
      y: HEAD + gridPos.y * ROW + 3,
      width: gridPos.w * COLUMN - 6,
      height: gridPos.h * ROW - 6,
    };
    const frame = `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" ` +
      'fill="#fff" stroke="#ccc"/>';
    const head = text(box.x + 8, box.y + 18, title, 'font-weight="bold" font-size="12"');
    return frame + head + (DRAWN[type]?.(data, box) ?? "");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    'font-family="sans-serif" font-size="10" fill="#333">' +
    "<style>polyline{fill:none;stroke-width:1.5}</style>" +
    `<rect width="${width}" height="${height}" fill="#f4f5f5"/>` +
    text(8, 22, title, 'font-size="16"') + `${drawn.join("\n")}</svg>\n`;
}
