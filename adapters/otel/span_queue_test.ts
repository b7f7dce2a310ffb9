import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../tests/fixtures/eventually.ts";
import {
  type Manner,
  type OtlpReceiver,
  startOtlpReceiver,
} from "../../tests/fixtures/otlp_receiver.ts";
import type { OtlpOptions } from "./otlp_sender.ts";
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
    timeoutMs: 20_000,
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
    Deno.test(`SpanQueue sends what a collector reads, by ${protocol} with ${compression} [S38]`, async () => {
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

const REASONS = {
  dead: "it cannot be reached",
  hangs: "it did not answer in time",
  fails: "it answered 500",
} as const;

for (const manner of ["dead", "hangs", "fails"] as const) {
  Deno.test(`spans for a collector that ${manner === "dead" ? "is dead" : manner} are bounded, said once, and exported again when it takes them [S38]`, async () => {
    let receiver = await startOtlpReceiver();
    const { url } = receiver;
    const { tracer, logged } = open(receiver, { timeoutMs: manner === "hangs" ? 1000 : 20_000 });
    if (manner === "dead") await receiver[Symbol.asyncDispose]();
    else receiver.manner = manner satisfies Manner;
    makeSpans(tracer, 1);
    await eventually("the log's word", () => logged.length > 0 || null);
    deepStrictEqual(logged, [`warn traces_not_exported {"reason":"${REASONS[manner]}"}`]);
    // Far more than may wait.
    makeSpans(tracer, 9999);
    if (manner === "dead") receiver = await startOtlpReceiver(Number(new URL(url).port));
    else receiver.manner = "takes";
    let more = 0;
    await eventually("spans again", () => {
      // The end of the loss is a batch that was taken while none was refused a place.
      makeSpans(tracer, 1);
      more += 1;
      return logged.length > 1 || null;
    });
    await tracer[Symbol.asyncDispose]();
    const arrived = receiver.spans.length;
    const most = BATCH.maxQueueSize + BATCH.maxBatchSize + more;
    ok(arrived > 0 && arrived <= most, String(arrived));
    const lost = 10_000 + more - arrived;
    deepStrictEqual(logged.slice(1), [`info traces_exported_again {"spans_lost":${lost}}`]);
    const { exported, failed, dropped } = tracer.counts();
    deepStrictEqual([exported, failed + dropped], [arrived, lost]);
    ok(failed > 0 && dropped > 0, `${failed}, ${dropped}`);
    await receiver[Symbol.asyncDispose]();
  });
}

Deno.test("SpanQueue sends one batch after another, and no more of them because some have failed [S38]", async () => {
  await using receiver = await startOtlpReceiver();
  receiver.manner = "fails";
  const { tracer } = open(receiver);
  await eventually("a dozen tries", () => {
    makeSpans(tracer, 60);
    return receiver.headers.length >= 12 || null;
  });
  strictEqual(receiver.mostInHand, 1);
  await tracer[Symbol.asyncDispose]();
});

Deno.test("a stop does not wait for a collector that hangs, and says what was lost by it [S38]", async () => {
  await using receiver = await startOtlpReceiver();
  receiver.manner = "hangs";
  const { tracer, logged } = open(receiver, { timeoutMs: 600_000 });
  makeSpans(tracer, 5000);
  // That it leaves nothing behind the test's own end shows: Deno counts it.
  await tracer[Symbol.asyncDispose]();
  deepStrictEqual(logged, [
    'warn traces_not_exported {"reason":"more come than are taken"}',
    'warn traces_lost {"spans_lost":5000}',
  ]);
});

Deno.test("spans for a busy collector are sent again when it says, and given up where that is too late [S38]", async () => {
  await using receiver = await startOtlpReceiver();
  receiver.manner = "busy";
  // The longest is more than a timer takes.
  for (const retryAfter of ["2592000", "601", "Fri, 31 Dec 2100 23:59:59 GMT"]) {
    receiver.retryAfter = retryAfter;
    receiver.headers.length = 0;
    const { tracer, logged } = open(receiver, { timeoutMs: 600_000 });
    makeSpans(tracer, 1);
    await eventually(`the log's word of ${retryAfter}`, () => logged.length > 0 || null);
    strictEqual(receiver.headers.length, 1, retryAfter);
    deepStrictEqual(logged, ['warn traces_not_exported {"reason":"it answered 503"}']);
    await tracer[Symbol.asyncDispose]();
  }
  receiver.retryAfter = "1";
  receiver.headers.length = 0;
  const { tracer, logged } = open(receiver, { timeoutMs: 600_000 });
  makeSpans(tracer, 1);
  await eventually("the first try", () => receiver.headers.length > 0 || null);
  receiver.manner = "takes";
  await eventually("the second", () => receiver.spans.length > 0 || null);
  deepStrictEqual([receiver.headers.length, receiver.spans.length], [2, 1]);
  await tracer[Symbol.asyncDispose]();
  deepStrictEqual(logged, []);
});

Deno.test("spans for a collector that is slow all arrive, so long as there is room [S38]", async () => {
  await using receiver = await startOtlpReceiver();
  receiver.manner = "slow";
  const { tracer } = open(receiver, { timeoutMs: 10_000 });
  makeSpans(tracer, BATCH.maxQueueSize);
  await tracer[Symbol.asyncDispose]();
  strictEqual(receiver.spans.length, BATCH.maxQueueSize);
});
