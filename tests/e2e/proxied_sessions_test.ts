import assert from "node:assert/strict";
import { McpPeer } from "../fakes/mcp_peer.ts";
import { startProxiedPair } from "../fixtures/composed_proxy.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";

const hasProxy = await areInstalled("haproxy");

/** Sessions through the proxy until each of two instances has one: which of them has it, by its id. */
async function sessionsOfBoth(proxy: URL, instances: readonly URL[], token: string) {
  const found = new Map<number, McpPeer>();
  for (let tries = 0; found.size < instances.length; tries += 1) {
    assert.ok(tries < 50, "one instance has all sessions");
    const peer = new McpPeer(proxy, token);
    await peer.initialize();
    found.set(await holderOf(peer, instances, token), peer);
  }
  return found;
}

/** Which instance has a session. */
async function holderOf(peer: McpPeer, instances: readonly URL[], token: string): Promise<number> {
  const statuses = await Promise.all(instances.map((instance) => {
    const direct = new McpPeer(instance, token);
    direct.session = peer.session;
    return direct.statusOf("POST", { id: 99, method: "tools/list" });
  }));
  assert.deepEqual(statuses.toSorted(), [200, 404]);
  return statuses.indexOf(200);
}

Deno.test({
  name: "the proxy keeps a session of MCP with its instance, and lets it begin anew after that" +
    (hasProxy ? " [S22]" : " (needs haproxy) [S22]"),
  ignore: !hasProxy,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { url, instances } = await startProxiedPair(stack);
    const [{ token }] = instances;
    const direct = instances.map((instance) => new URL(`${instance.url}/mcp`));
    const held = await sessionsOfBoth(new URL(`${url}/mcp`), direct, token);
    for (const peer of held.values()) {
      for (let id = 1; id <= 6; id += 1) {
        assert.equal(await peer.statusOf("POST", { id, method: "tools/list" }), 200);
      }
    }
    await instances[0].kill();
    const [lost, kept] = [held.get(0)!, held.get(1)!];
    const status = () => lost.statusOf("POST", { id: 7, method: "tools/list" });
    await eventually("the end of its session", async () => await status() === 404 || null);
    lost.session = "";
    await lost.initialize();
    for (const peer of [lost, kept]) {
      assert.equal(await peer.statusOf("POST", { id: 8, method: "tools/list" }), 200);
    }
  },
});
