import assert from "node:assert/strict";
import { LeanConnection, requestBytes } from "../bench/lean_connection.ts";
import { memoryOf } from "../fixtures/memory.ts";
import { type Manner, startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { medianSlope, type Point } from "./line.ts";

const REQUESTS = 100_000;
const CONNECTIONS = 8;
/** What the queue of spans and the runtime's own heap need first. */
const WARM_UP = 30_000;
const REQUESTS_PER_SAMPLE = 2_000;
/** A megabyte for 10,000 requests, each of which has left a span and a line of the log. */
const LARGEST_SLOPE = 1024 * 1024 / 10_000;

/** Resident bytes by requests answered. */
async function grown(service: StartedService): Promise<Point[]> {
  const request = requestBytes(new URL("/status", service.url), service.token, null);
  const points: Point[] = [];
  let answered = 0;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    using connection = await LeanConnection.to(new URL(service.url));
    while (answered < REQUESTS) {
      const { status, body } = await connection.exchange(request);
      assert.equal(status, 200, body);
      answered += 1;
      if (answered < WARM_UP || answered % REQUESTS_PER_SAMPLE !== 0) continue;
      const at = answered;
      points.push([at, (await memoryOf([service.pid])).resident]);
    }
  }));
  return points;
}

for (const manner of ["hangs", "fails", "takes"] satisfies Manner[]) {
  Deno.test(`memory stays as it is, however many requests are traced, to a collector that ${manner} [S38, B4]`, async (t) => {
    await using receiver = await startOtlpReceiver();
    receiver.manner = manner;
    await using service = await startService({
      ...UNLIMITED,
      LOG_LEVEL: "warn",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRIC_EXPORT_INTERVAL: "1000",
    });
    const points = await grown(service);
    const slope = medianSlope(points);
    await t.step(`memory grows by ${(slope * 10_000 / 2 ** 20).toFixed(2)} MB for 10,000`, () => {
      assert.ok(slope < LARGEST_SLOPE, JSON.stringify(points));
    });
  });
}
