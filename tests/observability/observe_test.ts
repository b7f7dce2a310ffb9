import assert from "node:assert/strict";
import { projectText } from "../fixtures/compose_file.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { startService, temporaryFolder } from "../fixtures/service.ts";
import { freePort } from "../services/ports.ts";
import { endProcess, startAttached } from "../services/processes.ts";
import { alertRules } from "./rule_files.ts";

const SCRIPT = new URL("../../deploy/observe.sh", import.meta.url).pathname;
const TOKEN = crypto.getRandomValues(new Uint8Array(24)).toHex();

const hasPrometheus = await areInstalled("prometheus");

Deno.test({
  name:
    "`deno task observe` shows a running service in a Prometheus with the rules, and leaves nothing" +
    (hasPrometheus ? "" : " (needs prometheus)") + " [S41]",
  ignore: !hasPrometheus,
  async fn() {
    const { tasks } = JSON.parse(await projectText("deno.json"));
    assert.equal(tasks.observe, "sh deploy/observe.sh");
    await using folder = await temporaryFolder();
    await using log = await temporaryFolder();
    await using service = await startService({ METRICS_TOKEN: TOKEN });
    const port = freePort(Math.random());
    const variables = [`TMPDIR=${folder.path}`, `METRICS_TOKEN=${TOKEN}`];
    const words = ["env", ...variables, "sh", SCRIPT, new URL(service.url).host, `${port}`];
    await using script = await startAttached(words, `${log.path}/log`);
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null);
      return response?.ok ? (await response.json()).data : (await response?.body?.cancel(), null);
    };
    await eventually("the service in Prometheus", async () => {
      const data = await ask("query?query=up");
      return data?.result.some(({ value }: { value: string[] }) => value[1] === "1") || null;
    }, 60);
    const { groups } = await ask("rules?type=alert");
    const rules = groups.flatMap(({ rules }: { rules: object[] }) => rules);
    assert.equal(rules.length, (await alertRules()).length);
    assert.ok((await Deno.readTextFile(`${log.path}/log`)).includes(`http://127.0.0.1:${port}`));
    await endProcess(script.identity, 20);
    assert.equal(await ask("query?query=up"), null, "Prometheus outlives its script");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
  },
});
