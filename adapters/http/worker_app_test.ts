import assert from "node:assert/strict";
import type { Measurement } from "../../domain/ports/telemetry.ts";
import { FakeApplication } from "../../tests/fakes/fake_application.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { createWorkerApp } from "./worker_app.ts";

Deno.test("createWorkerApp() measures and logs each request, and knows its routes [S37, S39]", async () => {
  const measured: Measurement[] = [];
  const logged: string[] = [];
  const app = createWorkerApp({
    application: new FakeApplication(),
    telemetry: { record: (measurement) => void measured.push(measurement) },
    log: { write: (_level, event, fields) => void logged.push(`${event} ${fields?.route}`) },
    clock: new ManualClock(),
    audit: {
      record: () => Promise.resolve(),
      authenticated: () => Promise.resolve(),
      refused() {},
      note() {},
    },
    newId: () => "correlation-1",
    metrics: { text: () => Promise.resolve("") },
    metricsToken: null,
  });
  assert.deepEqual(app.known.map(({ method, route }) => `${method} ${route}`), [
    "GET /health",
    "GET /health/ready",
    "GET /metrics",
  ]);
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  for (const path of ["/health", "/nowhere"]) {
    await (await app.fetch(new Request(`http://localhost${path}`), { remoteAddr })).body?.cancel();
  }
  assert.deepEqual(logged, ["http_request /health", "http_request unmatched"]);
  assert.equal(measured.filter(({ kind }) => kind === "http_request_finished").length, 2);
});
