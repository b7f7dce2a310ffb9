import { dashboardFiles } from "./all.ts";

// `deno task dashboards`: writes what is told beside this file to where Grafana reads it.
const folder = new URL("../../../deploy/grafana/dashboards/", import.meta.url);
for (const [name, text] of Object.entries(dashboardFiles())) {
  await Deno.writeTextFile(new URL(name, folder), text);
}
