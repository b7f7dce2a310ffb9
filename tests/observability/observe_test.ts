import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { startService, temporaryFolder } from "../fixtures/service.ts";
import { freePort } from "../services/ports.ts";
import { type AttachedProcess, isAlive, startAttached } from "../services/processes.ts";
import { bash } from "../services/programs.ts";
import { alertRules } from "./rule_files.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const TOKEN = crypto.getRandomValues(new Uint8Array(24)).toHex();

const hasPrometheus = await areInstalled("prometheus");

Deno.test({
  name:
    "`deno task observe` shows a running service in a Prometheus with the rules, and leaves nothing" +
    (hasPrometheus ? "" : " (needs prometheus)") + " [S41]",
  ignore: !hasPrometheus,
  async fn() {
    await using folder = await temporaryFolder();
    await using log = await temporaryFolder();
    await using service = await startService({ METRICS_TOKEN: TOKEN });
    // The service itself would let a peer on loopback in without a token.
    const shown = new Set<string>();
    const listening = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using way = Deno.serve(listening, ({ headers }) => {
      const authorization = headers.get("authorization") ?? "none";
      shown.add(authorization);
      return fetch(`${service.url}/metrics`, { headers: { authorization } });
    });
    const port = freePort(Math.random());
    const variables = [`TMPDIR=${folder.path}`, `METRICS_TOKEN=${TOKEN}`];
    const env = ["env", "--default-signal=INT", "-C", PROJECT, ...variables];
    const words = [...env, "deno", "task", "observe", `127.0.0.1:${way.addr.port}`, `${port}`];
    await using task = await startAttached(words, `${log.path}/log`);
    await using _end = { [Symbol.asyncDispose]: () => interrupt(task) };
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null);
      return response?.ok ? (await response.json()).data : (await response?.body?.cancel(), null);
    };
    await eventually("the service in Prometheus", async () => {
      const data = await ask("query?query=up");
      return data?.result.some(({ value }: { value: string[] }) => value[1] === "1") || null;
    }, 60);
    assert.deepEqual([...shown], [`Bearer ${TOKEN}`]);
    const { groups } = await ask("rules?type=alert");
    const rules = groups.flatMap(({ rules }: { rules: object[] }) => rules);
    assert.equal(rules.length, (await alertRules()).length);
    assert.ok((await Deno.readTextFile(`${log.path}/log`)).includes(`http://127.0.0.1:${port}`));
    await interrupt(task);
    await eventually("the end of the task", async () => await isAlive(task.identity) ? null : true);
    await eventually("nothing that is left", async () => {
      const left = await Array.fromAsync(Deno.readDir(folder.path));
      return left.length === 0 && await ask("query?query=up") === null || null;
    });
  },
});

/** Ctrl-C: a terminal sends it to the whole group, npx hands it on, and a closed window adds its own. */
async function interrupt({ identity }: AttachedProcess): Promise<void> {
  if (!await isAlive(identity)) return;
  const signals = 'kill -INT -- "-$0"; sleep 0.01; kill -INT -- "-$0"; kill -HUP -- "-$0"';
  await bash(signals, `${identity.pid}`);
}
