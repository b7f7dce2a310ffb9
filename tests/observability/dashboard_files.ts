import { projectText } from "../fixtures/compose_file.ts";

/** A panel as Grafana reads it, as far as tests look at it. */
export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly mappings: readonly {
        readonly options: Readonly<Record<string, { readonly text: string }>>;
      }[];
      readonly thresholds: {
        readonly steps: readonly { readonly color: string; readonly value: number | null }[];
      };
    };
  };
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
  readonly links: readonly { readonly url: string }[];
}

/** A dashboard as Grafana reads it. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly PanelJson[];
}

/** Every dashboard that ships, by its file's name. */
export async function readDashboards(): Promise<Map<string, DashboardJson>> {
  const folder = new URL("../../deploy/grafana/dashboards/", import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const entries = names.map(async (name): Promise<[string, DashboardJson]> => [
    name,
    JSON.parse(await projectText(`deploy/grafana/dashboards/${name}`)),
  ]);
  return new Map(await Promise.all(entries));
}

/** A panel's query as Grafana would send it, over so many seconds, of every instance. */
export function substituted(expr: string, seconds: number): string {
  const values: Readonly<Record<string, string>> = {
    instance: ".*",
    // Grafana takes four scrapes at least.
    __rate_interval: "10s",
    __range: `${seconds}s`,
  };
  return expr.replaceAll(/\$(\w+)/g, (_, name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Cannot substitute '$${name}': no such variable`);
    return value;
  });
}
