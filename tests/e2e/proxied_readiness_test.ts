import assert from "node:assert/strict";
import { startProxiedPair } from "../fixtures/composed_proxy.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { bash } from "../fixtures/processes.ts";
import type { StartedService } from "../fixtures/service.ts";

const hasProxy = await areInstalled("haproxy");

/** The statuses of the checks that took about as long as an instance waits for a silent sandbox. */
function slowChecks({ log }: StartedService): unknown[] {
  return logEntries(log.slice(0, log.lastIndexOf("\n") + 1))
    .filter(({ route, duration_seconds }) =>
      route === "/health/ready" && Number(duration_seconds) > 1.5
    ).map(({ status }) => status);
}

Deno.test({
  name: "the proxy keeps instances whose sandboxes are too slow to answer" +
    (hasProxy ? " [S40]" : " (needs haproxy) [S40]"),
  ignore: !hasProxy,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { instances, log } = await startProxiedPair(stack);
    for (const instance of instances) {
      const [broker] = await instance.forkServer();
      assert.ok(broker !== undefined);
      stack.defer(async () => void await bash("-c", `kill -CONT ${broker.pid}`));
      await bash("-c", `kill -STOP ${broker.pid}`);
    }
    // Two that fail take an instance out.
    const isChecked = () => instances.every((one) => slowChecks(one).length >= 2) || null;
    await eventually("two checks of each", isChecked, 60);
    assert.deepEqual(new Set(instances.flatMap(slowChecks)), new Set([200]));
    assert.doesNotMatch(await Deno.readTextFile(log), /is DOWN/);
  },
});
