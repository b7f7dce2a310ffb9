/** How Grafana writes a value. */
export type Unit =
  | "bytes"
  | "none"
  | "ops"
  | "percent"
  | "percentunit"
  | "reqps"
  | "s"
  | "short";

/** One line or more of a panel: PromQL, and what the legend calls each series of the answer. */
export type Query = readonly [expr: string, legend: string];

/** A panel, as far as dashboards differ from each other. */
export interface Panel {
  readonly title: string;
  /** What it tells, and what is well: shown beside the title. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Default: a graph over time. */
  readonly kind?: "timeseries" | "stat" | "table";
  /** From this value on it is drawn in orange, or red. */
  readonly warning?: number;
  readonly alarm?: number;
  /** Whether a value below the limits, instead of above, is the bad one. */
  readonly lowIsBad?: boolean;
  /** The alert whose page of the runbook tells what to do, or several. */
  readonly alert?: string | readonly string[];
  /** What a value is called instead of its number. */
  readonly names?: Readonly<Record<number, string>>;
}

/** A dashboard: its panels stand in rows of four small ones, or two others. */
export interface Dashboard {
  /** The last part of its uid, which other dashboards and bookmarks rest on: it never changes. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

/** The labels that restrict a series to the chosen instances, with more after them. */
export function chosen(more = ""): string {
  return `{instance=~"$instance"${more === "" ? "" : `,${more}`}}`;
}

/** How fast counters grow, added up over all labels but these. */
export function rateBy(labels: string, name: string, more = ""): string {
  return `sum by (${labels}) (rate(ultimate_mcp_${name}${chosen(more)}[$__rate_interval]))`;
}

/** `rateBy` without what has not happened since the start: of most labels that can be, little is. */
export function rateOfSeen(labels: string, name: string, more = ""): string {
  const seen = `sum by (${labels}) (ultimate_mcp_${name}${chosen(more)}) > 0`;
  return `${rateBy(labels, name, more)} and ${seen}`;
}

/** How fast counters grow, all added up. */
export function rateOf(name: string, more = ""): string {
  return `sum(rate(ultimate_mcp_${name}${chosen(more)}[$__rate_interval]))`;
}

/** The quantiles of a histogram, by the labels that are named, a query each. */
export function quantiles(
  shares: readonly number[],
  name: string,
  { by = "", more = "" }: { readonly by?: string; readonly more?: string } = {},
): Query[] {
  const labels = by === "" ? "le" : `le, ${by}`;
  return shares.map((share) => [
    `histogram_quantile(${share}, ${rateBy(labels, `${name}_bucket`, more)})`,
    `${by === "" ? "" : `{{${by}}} `}p${share * 100}`,
  ]);
}

const SOURCE = { type: "prometheus", uid: "${datasource}" } as const;
const COLUMNS = 24;
const SIZES = {
  stat: { w: 6, h: 4 },
  table: { w: 24, h: 5 },
  timeseries: { w: 12, h: 8 },
} as const;

/** Where panels stand: in reading order, a new row where one no longer fits or is of another height. */
function placed(panels: readonly Panel[]): { x: number; y: number; w: number; h: number }[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map(({ kind = "timeseries" }) => {
    const { w, h } = SIZES[kind];
    if (x + w > COLUMNS || (x > 0 && h !== height)) [x, y] = [0, y + height];
    const place = { x, y, w, h };
    [x, height] = [x + w, h];
    return place;
  });
}

function thresholds({ warning, alarm, lowIsBad = false }: Panel) {
  const limits = [["orange", warning], ["red", alarm]].filter(([, value]) => value !== undefined);
  if (!lowIsBad) {
    const steps = limits.map(([color, value]) => ({ color, value }));
    return { mode: "absolute", steps: [{ color: "green", value: null }, ...steps] };
  }
  // Grafana colours from a value upwards: the worst colour is the base.
  const rising = limits.toReversed();
  const colors = [...rising.map(([color]) => color), "green"];
  const steps = colors.map((color, at) => ({
    color,
    value: at === 0 ? null : rising[at - 1]?.[1],
  }));
  return { mode: "absolute", steps };
}

function fieldConfig(panel: Panel) {
  const { kind = "timeseries", unit, names, warning, alarm } = panel;
  const hasLimit = warning !== undefined || alarm !== undefined;
  const mappings = Object.entries(names ?? {}).map(([value, text]) => ({
    type: "value",
    options: { [value]: { text } },
  }));
  const lines = {
    drawStyle: "line",
    fillOpacity: 10,
    showPoints: "never",
    thresholdsStyle: { mode: hasLimit ? "line" : "off" },
  };
  return {
    defaults: {
      unit,
      mappings,
      thresholds: thresholds(panel),
      color: { mode: kind === "stat" ? "thresholds" : "palette-classic" },
      ...(kind === "timeseries" ? { min: 0, custom: lines } : {}),
    },
    overrides: [],
  };
}

function optionsOf(kind: NonNullable<Panel["kind"]>) {
  if (kind === "table") return { showHeader: true };
  if (kind === "timeseries") {
    return {
      legend: { displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] },
      tooltip: { mode: "multi", sort: "desc" },
    };
  }
  return {
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    colorMode: "value",
    graphMode: "area",
    textMode: "auto",
  };
}

/** A table is of labels: when they were seen, and that there is one of each, is no news. */
const WITHOUT_SAMPLES = {
  id: "organize",
  options: { excludeByName: { Time: true, Value: true }, indexByName: {}, renameByName: {} },
};

function panelJson(panel: Panel, id: number, gridPos: object) {
  const { title, description, queries, kind = "timeseries", alert } = panel;
  const isTable = kind === "table";
  const targets = queries.map(([expr, legendFormat], at) => ({
    refId: String.fromCharCode(65 + at),
    datasource: SOURCE,
    editorMode: "code",
    expr,
    legendFormat,
    range: !isTable,
    instant: isTable,
    ...(isTable ? { format: "table" } : {}),
  }));
  return {
    id,
    type: kind,
    title,
    description,
    datasource: SOURCE,
    gridPos,
    fieldConfig: fieldConfig(panel),
    options: optionsOf(kind),
    ...(isTable ? { transformations: [WITHOUT_SAMPLES] } : {}),
    targets,
    links: [alert ?? []].flat().map((name) => ({
      title: `Runbook: ${name}`,
      url: `\${runbook}#${name.toLowerCase()}`,
      targetBlank: true,
    })),
  };
}

const VARIABLES = [
  {
    name: "datasource",
    label: "Prometheus",
    type: "datasource",
    query: "prometheus",
    regex: "",
    hide: 0,
    refresh: 1,
  },
  {
    name: "instance",
    label: "Instance",
    type: "query",
    datasource: SOURCE,
    definition: 'label_values(up{job="ultimate_mcp"}, instance)',
    query: { query: 'label_values(up{job="ultimate_mcp"}, instance)', refId: "instance" },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: ["All"], value: ["$__all"] },
    hide: 0,
  },
  {
    name: "runbook",
    label: "Runbook",
    type: "textbox",
    query: "docs/runbook.md",
    current: { text: "docs/runbook.md", value: "docs/runbook.md" },
    options: [],
    hide: 0,
  },
];

/** The dashboard as Grafana reads it, of its schema 41 (Grafana 12). */
export function dashboardJson({ name, title, description, panels }: Dashboard): object {
  const places = placed(panels);
  const tags = ["ultimate-mcp"];
  return {
    uid: `ultimate-mcp-${name}`,
    title: `Ultimate MCP: ${title}`,
    description,
    tags,
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    timezone: "",
    annotations: { list: [] },
    templating: { list: VARIABLES },
    links: [
      {
        type: "dashboards",
        title: "Ultimate MCP",
        tags,
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
      },
    ],
    panels: panels.map((panel, at) => panelJson(panel, at + 1, places[at]!)),
  };
}
