import assert from "node:assert/strict";
import type { RateDecision } from "../../domain/ports/rate_limiter.ts";
import type { Measurement } from "../../domain/ports/telemetry.ts";
import { counted } from "./counted.ts";

Deno.test("counted() tells telemetry each decision, and passes it on [S30]", async () => {
  const decisions: RateDecision[] = [true, false].map((allowed) => ({
    allowed,
    remaining: 3,
    retryAfterSeconds: 1,
    resetSeconds: 2,
    backend: "memory",
  }));
  const asked: unknown[] = [];
  const measured: Measurement[] = [];
  const limiter = counted({
    take(...args) {
      asked.push(args);
      return Promise.resolve(decisions[asked.length - 1] ?? assert.fail("asked too often"));
    },
  }, { record: (measurement) => void measured.push(measurement) });
  assert.equal(await limiter.take("ada", 5), decisions[0]);
  assert.equal(await limiter.take("bob", 1), decisions[1]);
  assert.deepEqual(asked, [["ada", 5], ["bob", 1]]);
  assert.deepEqual(measured, [
    { kind: "rate_limit_decided", allowed: true, backend: "memory" },
    { kind: "rate_limit_decided", allowed: false, backend: "memory" },
  ]);
});
