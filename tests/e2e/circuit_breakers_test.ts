import assert from "node:assert/strict";
import { startService } from "../fixtures/service.ts";

type Wire = Readonly<Record<string, unknown>>;

Deno.test("the service's breakers are set by the environment, changed by an admin, and tell of it [B1, S2]", async () => {
  await using service = await startService({ BREAKER_READ: "7/1/12.5" });
  const admin = await service.tokenFor("ada", "admin");
  const path = "/api/v1/circuit_breakers";
  const list = await service.get(path, { token: admin });
  const shown = (list.json.circuit_breakers as Wire[])
    .map((it) => [it.name, it.failure_threshold, it.success_threshold, it.timeout_seconds]);
  assert.deepEqual(shown, [["graph_read", 7, 1, 12.5], ["graph_write", 3, 2, 60]]);

  const opened = await service.post(`${path}/graph_read`, { action: "open" }, { token: admin });
  assert.deepEqual([opened.status, opened.json.state], [200, "forced_open"]);
  const status = await service.get("/status");
  const states = (status.json.breakers as Wire[]).map(({ state }) => state);
  assert.deepEqual(states, ["forced_open", "closed"]);
  const metrics = (await service.get("/metrics", { token: null })).text;
  assert.match(metrics, /^ultimate_mcp_circuit_breaker_state\{breaker="graph_read"\} 1$/m);
  assert.match(
    metrics,
    /_transitions_total\{breaker="graph_read",from="closed",to="forced_open"\} 1$/m,
  );

  const audit = await service.get("/api/v1/audit?type=circuit_breaker_changed", { token: admin });
  const events = (audit.json.events as Wire[]).map(({ user_id, details }) => [user_id, details]);
  const change = { breaker: "graph_read", from: "closed", to: "forced_open", cause: "admin" };
  assert.deepEqual(events, [["ada", change]]);
});
