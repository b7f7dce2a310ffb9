import type { Trace } from "../fixtures/private_prometheus.ts";
import type { DashboardJson, PanelJson } from "./dashboard_files.ts";

/** What a panel's queries gave over time, each series with what its legend calls it. */
export interface PanelData {
  readonly panel: PanelJson;
  readonly series: readonly { readonly name: string; readonly points: Trace["points"] }[];
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
const MOST_LINES = 8;
const COLORS = [
  "#3274d9",
  "#56a64b",
  "#e0b400",
  "#e02f44",
  "#8f3bb8",
  "#ff780a",
  "#00a3a3",
  "#777",
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
  if (unit === "bytes") return `${short(value / 2 ** 20)} MiB`;
  if (unit === "reqps" || unit === "ops") return `${short(value)}/s`;
  if (unit !== "s") return short(value);
  if (value >= 1) return `${short(value)} s`;
  return value >= 0.001 || value === 0 ? `${short(value * 1000)} ms` : `${short(value * 1e6)} µs`;
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
  const shown = written(value, panel.fieldConfig.defaults.unit);
  const style = `text-anchor="middle" font-size="26" fill="${colorOf(value, panel)}"`;
  return text(x + width / 2, y + height / 2 + 20, shown, style);
}

function drawTable({ series }: PanelData, { x, y }: Box): string {
  return series.map(({ name }, at) => text(x + 12, y + 46 + at * 18, name)).join("");
}

function drawLines({ panel, series }: PanelData, box: Box): string {
  const plot = { x: box.x + 58, y: box.y + 34, width: box.width - 70, height: box.height - 104 };
  const drawn = series.toSorted((one, other) => last(other.points) - last(one.points))
    .slice(0, MOST_LINES);
  const all = drawn.flatMap(({ points }) => points).filter(([, value]) => Number.isFinite(value));
  const [from, to] = [Math.min(...all.map(([at]) => at)), Math.max(...all.map(([at]) => at))];
  const most = Math.max(...all.map(([, value]) => value), 0) || 1;
  const place = ([at, value]: readonly [number, number]) => {
    const left = plot.x + plot.width * (to > from ? (at - from) / (to - from) : 0);
    return `${left.toFixed(1)},${(plot.y + plot.height * (1 - value / most)).toFixed(1)}`;
  };
  const { unit } = panel.fieldConfig.defaults;
  const lines = drawn.map(({ points }, at) => {
    const finite = points.filter(([, value]) => Number.isFinite(value));
    return `<polyline points="${finite.map(place).join(" ")}" stroke="${COLORS[at]}"/>`;
  });
  const axis = [most, most / 2, 0].map((value, at) => {
    const height = plot.y + plot.height * at / 2;
    return `<path d="M${plot.x} ${height}h${plot.width}" stroke="#ddd"/>` +
      text(plot.x - 4, height + 4, written(value, unit), 'text-anchor="end"');
  });
  return [
    ...axis,
    ...lines,
    legend(drawn, series.length, { ...plot, y: plot.y + plot.height + 16 }),
  ]
    .join("");
}

function legend(drawn: PanelData["series"], count: number, { x, y, width }: Box): string {
  const names = drawn.map(({ name }, at) =>
    text(x + (at % 2) * width / 2, y + Math.floor(at / 2) * 13, name, `fill="${COLORS[at]}"`)
  );
  const more = count - drawn.length;
  return names.join("") + (more > 0 ? text(x + width - 40, y + 52, `+ ${more} more`) : "");
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
