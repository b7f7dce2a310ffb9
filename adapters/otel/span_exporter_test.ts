import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../tests/fixtures/eventually.ts";
import {
  type Manner,
  type OtlpReceiver,
  startOtlpReceiver,
} from "../../tests/fixtures/otlp_receiver.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { OtlpOptions } from "./span_exporter.ts";
import { SpanQueue } from "./span_queue.ts";
import { openTracer } from "./tracer.ts";

const BATCH = { delayMs: 20, timeoutMs: 30_000, maxQueueSize: 100, maxBatchSize: 50 };
const SAMPLER = { parentBased: true, root: "always_on", ratio: 1 } as const;
const SECRET = "k3y-of-the-collector";

/** A tracer to that receiver; `logged` gathers every line of the log. */
function open(receiver: Pick<OtlpReceiver, "url">, changes: Partial<OtlpOptions> = {}) {
  const logged: string[] = [];
  const otlp: OtlpOptions = {
    url: `${receiver.url}/v1/traces`,
    headers: { authorization: SECRET },
    protocol: "http/protobuf",
    timeoutMs: 300,
    compression: "none",
    ...changes,
  };
  const log = {
    write: (level: string, event: string, fields: object = {}) =>
      void logged.push(`${level} ${event} ${JSON.stringify(fields)}`),
  };
  const resource = { "service.name": "test", "service.version": "1" };
  return { tracer: openTracer({ otlp, sampler: SAMPLER, batch: BATCH, resource, log }), logged };
}

function makeSpans(tracer: ReturnType<typeof openTracer>, count: number): void {
  for (let n = 0; n < count; n += 1) {
    tracer.entry({ name: "request", parent: null, attributes: { "http.route": "/x" } }, () => {});
  }
}

for (const protocol of ["http/protobuf", "http/json"] as const) {
  for (const compression of ["none", "gzip"] as const) {
    Deno.test(`OtlpSpanExporter sends what a collector reads, by ${protocol} with ${compression} [S38]`, async () => {
      await using receiver = await startOtlpReceiver();
      const { tracer } = open(receiver, { protocol, compression });
      tracer.entry({ name: "request", kind: "server", parent: null }, (span) => {
        span.set({ "http.route": "/é", "http.response.status_code": 500, "error.type": "500" });
        tracer.span({ name: "port", kind: "client" }, () => {});
      });
      await tracer[Symbol.asyncDispose]();
      const [tree, ...others] = receiver.trees();
      deepStrictEqual([others, tree?.orphans], [[], []]);
      const [root] = tree?.roots ?? [];
      deepStrictEqual([root?.name, root?.failed, root?.kind], ["request", true, 2]);
      strictEqual(root?.attributes["http.route"], "/é");
      deepStrictEqual(root?.resource, { "service.name": "test", "service.version": "1" });
      strictEqual(tree?.spans.find(({ name }) => name === "port")?.parentSpanId, root?.spanId);
      strictEqual(receiver.headers[0]?.get("authorization"), SECRET);
    });
  }
}

for (const manner of ["dead", "hangs", "fails"] as const) {
  Deno.test(`spans for a collector that ${manner === "dead" ? "is dead" : manner} are bounded, said once, and exported again when it takes them [S38]`, async () => {
    let receiver = await startOtlpReceiver();
    const { url } = receiver;
    const { tracer, logged } = open(receiver);
    if (manner === "dead") await receiver[Symbol.asyncDispose]();
    else receiver.manner = manner satisfies Manner;
    // Far more than may wait, in several exports.
    makeSpans(tracer, 5000);
    const isAway = () => logged.some((line) => line.includes("traces_not_exported")) || null;
    await eventually("the log's word", isAway);
    makeSpans(tracer, 5000);
    if (manner === "dead") receiver = await startOtlpReceiver(Number(new URL(url).port));
    else receiver.manner = "takes";
    let made = 10_000;
    await eventually("spans again", () => {
      // Those of before may all be lost by now.
      makeSpans(tracer, 1);
      made += 1;
      return logged.some((line) => line.includes("traces_exported_again")) || null;
    });
    await tracer[Symbol.asyncDispose]();
    const arrived = receiver.spans.length;
    const names = logged.map((line) => line.split(" {")[0]);
    // Each once, whichever comes first: the room is used up, or the collector has not answered.
    for (
      const name of ["warn traces_not_exported", "warn spans_dropped", "info traces_exported_again"]
    ) {
      strictEqual(names.filter((one) => one === name).length, 1, name);
    }
    // What was under way at the end is given up a moment later.
    const { exported, failed, dropped } = await eventually("all to be counted", () => {
      const { exported, failed, dropped } = tracer.counts();
      return exported + failed + dropped === made ? tracer.counts() : null;
    });
    ok(exported > 0 && failed > 0 && dropped > 0);
    // What hung has arrived too.
    ok(exported <= arrived && arrived <= exported + failed);
    const most = 2 * (BATCH.maxQueueSize + BATCH.maxBatchSize) + made - 10_000;
    ok(exported + failed <= most, `${exported + failed} had room, of ${most}`);
    ok(!logged.join().includes(SECRET) && !logged.join().includes(url));
    await receiver[Symbol.asyncDispose]();
  });
}

Deno.test("a stop does not wait for a collector that hangs, and leaves nothing behind [S38]", async () => {
  await using receiver = await startOtlpReceiver();
  receiver.manner = "hangs";
  const { tracer } = open(receiver, { timeoutMs: 600_000 });
  makeSpans(tracer, 5000);
  // The test's own end shows it: Deno counts what it leaves.
  await tracer[Symbol.asyncDispose]();
});

Deno.test("spans for a collector that is slow all arrive, so long as there is room [S38]", async () => {
  await using receiver = await startOtlpReceiver();
  receiver.manner = "slow";
  const { tracer } = open(receiver, { timeoutMs: 10_000 });
  makeSpans(tracer, BATCH.maxQueueSize);
  await tracer[Symbol.asyncDispose]();
  strictEqual(receiver.spans.length, BATCH.maxQueueSize);
});

Deno.test("SpanQueue tells once that there is no room, and that there is when none is dropped between two exports [S38, S39]", () => {
  const told: string[] = [];
  const write = (...[level, event, fields]: Parameters<Log["write"]>) =>
    void told.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const queue = new SpanQueue(2, { write });
  const end = (spans: number) => Array.from({ length: spans }, () => queue.enter());
  deepStrictEqual(end(4), [true, true, false, false]);
  queue.leave(2);
  deepStrictEqual(end(3), [true, true, false]);
  queue.sent(2, "exported");
  deepStrictEqual(told, ['warn spans_dropped {"waiting":2}']);
  queue.leave(2);
  queue.sent(2, "failed");
  end(1);
  queue.leave(1);
  queue.sent(1, "exported");
  deepStrictEqual(told.slice(1), ['info spans_kept_again {"spans_lost":3}']);
  deepStrictEqual(queue.counts(), { exported: 3, failed: 2, dropped: 3 });
});
