import { projectText } from "../fixtures/compose_file.ts";
import { askEverything, busySettings } from "../fixtures/mixed_requests.ts";
import { type PrivatePrometheus, startPrivatePrometheus } from "../fixtures/private_prometheus.ts";
import { startService } from "../fixtures/service.ts";
import { type PanelJson, readDashboards, substituted } from "./dashboard_files.ts";
import { type PanelData, picture } from "./picture.ts";
import { RULE_FILES } from "./rule_files.ts";

/** How long it works before the pictures are made, and how far apart their points are. */
const SECONDS = 180;
const STEP = 3;

function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? "");
}

async function dataOf(prometheus: PrivatePrometheus, panel: PanelJson): Promise<PanelData> {
  const answers = await Promise.all(panel.targets.map(async ({ expr, legendFormat }) => {
    const traces = await prometheus.range(substituted(expr, SECONDS), SECONDS - 20, STEP);
    return traces.map((trace) => ({ ...trace, name: legendOf(legendFormat, trace.labels) }));
  }));
  return { panel, series: answers.flat() };
}

/** `deno task observe:pictures FOLDER`, below /tmp: every dashboard of a service that works, as a picture each. */
async function main(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await using service = await startService(await busySettings());
  const rules = await Promise.all(RULE_FILES.map(projectText));
  const targets = [new URL(service.url).host];
  await using prometheus = await startPrivatePrometheus({ targets, rules });
  const until = performance.now() + SECONDS * 1000;
  for (let turn = 0; performance.now() < until; turn += 1) {
    await askEverything(service, turn);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (const [name, dashboard] of await readDashboards()) {
    const panels = await Promise.all(dashboard.panels.map((panel) => dataOf(prometheus, panel)));
    const file = `${folder}/dashboard_${name.replace(".json", ".svg")}`;
    await Deno.writeTextFile(file, picture(dashboard, panels));
  }
}

if (import.meta.main) await main(Deno.args[0] ?? "/tmp/ultimate-mcp-pictures");
