import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { DomainError } from "../../domain/errors.ts";
import { SPAN_ATTRIBUTES } from "../../domain/ports/tracer.ts";
import { type TraceContext, traceIdOf } from "../../domain/tracing/trace_context.ts";
import type { SamplerOptions } from "./sampler.ts";
import { OtelTracer } from "./tracer.ts";

const ALWAYS: SamplerOptions = { parentBased: true, root: "always_on", ratio: 1 };

function place(flags: string, trace = "ab".repeat(16)): TraceContext {
  return { traceparent: `00-${trace}-${"cd".repeat(8)}-${flags}`, tracestate: "vendor=1" };
}

/** A tracer whose spans are kept here. */
function kept(sampler = ALWAYS): { tracer: OtelTracer; spans: () => ReadableSpan[] } {
  const spans: ReadableSpan[] = [];
  const over = () => Promise.resolve();
  const processor = {
    onStart() {},
    onEnd: (span: ReadableSpan) => void spans.push(span),
    ...{ forceFlush: over, shutdown: over },
  };
  const tracer = new OtelTracer({ sampler, resource: { "service.name": "test" }, processor });
  return { tracer, spans: () => spans };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("OtelTracer puts each span under the one whose work began it, however many are in hand [S38]", async () => {
  const { tracer, spans } = kept();
  const request = (n: number) =>
    tracer.entry({ name: `request ${n}`, parent: null }, async () => {
      await turn();
      await Promise.all([1, 2].map((m) =>
        tracer.span({ name: `port ${n}` }, async () => {
          await turn();
          strictEqual(tracer.span({ name: `at once ${n}` }, () => m), m);
        })
      ));
    });
  await Promise.all(Array.from({ length: 50 }, (_, n) => request(n)));
  strictEqual(new Set(spans().map((span) => span.spanContext().traceId)).size, 50);
  const byId = new Map(spans().map((span) => [span.spanContext().spanId, span]));
  for (const { name, parentSpanContext } of spans()) {
    const parent = byId.get(parentSpanContext?.spanId ?? "")?.name;
    const [, kind, n] = /^(.*) (\d+)$/.exec(name) ?? [];
    const expected = { request: undefined, port: `request ${n}`, "at once": `port ${n}` };
    strictEqual(parent, expected[kind as keyof typeof expected], name);
  }
  strictEqual(spans().length, 250);
});

Deno.test("OtelTracer makes nothing outside of entries, nor in a trace that is not recorded [S38]", async () => {
  const { tracer, spans } = kept();
  strictEqual(tracer.current(), null);
  await tracer.span({ name: "stray" }, async (span) => {
    strictEqual(span.context, null);
    await turn();
  });
  await tracer.entry({ name: "unrecorded", parent: place("00") }, async (span) => {
    await tracer.span({ name: "within" }, turn);
    span.phase("phase", 0, 1);
    const { traceparent, tracestate } = tracer.current()!;
    ok(/^00-(ab){16}-[0-9a-f]{16}-00$/.test(traceparent), traceparent);
    strictEqual(tracestate, "vendor=1");
  });
  deepStrictEqual(spans(), []);
});

Deno.test("OtelTracer lets nothing but the listed attributes through, and of an error its code alone [S38]", async () => {
  const { tracer, spans } = kept();
  const secret = "pl4nted";
  const attributes = {
    "ultimate_mcp.language": "python",
    code: secret,
    "db.query.text": secret,
    "exception.message": secret,
  };
  const failure = { code: "query_invalid", reason: secret } as never;
  const failing = (error: Error) =>
    tracer.entry({ name: "failing", parent: null, attributes }, async (span) => {
      span.set(attributes);
      await turn();
      throw error;
    });
  await rejects(failing(new DomainError(failure)));
  await rejects(failing(new TypeError(secret)));
  throws(() =>
    tracer.entry({ name: "failing", parent: null }, () => {
      throw new Error(secret);
    })
  );
  await turn();
  const allowed: ReadonlySet<string> = new Set(SPAN_ATTRIBUTES);
  for (const span of spans()) {
    ok(Object.keys(span.attributes).every((name) => allowed.has(name)));
    deepStrictEqual([span.status, span.events], [{ code: 2 }, []]);
    ok(!JSON.stringify([span.attributes, span.name]).includes(secret));
  }
  const types = spans().map(({ attributes }) => attributes["error.type"]);
  deepStrictEqual(types.sort(), ["_OTHER", "_OTHER", "query_invalid"]);
});

Deno.test("OtelTracer ends a span with what streams on behind its work, and phases where they were [S38]", async () => {
  const { tracer, spans } = kept();
  const streamed = Promise.withResolvers<void>();
  const began = performance.now();
  await tracer.entry({ name: "streaming", parent: null, link: place("01") }, async (span) => {
    span.until(streamed.promise);
    span.phase("phase", began - 30, began - 10);
    await turn();
  });
  deepStrictEqual(spans().map(({ name }) => name), ["phase"]);
  streamed.resolve();
  await turn();
  const [phase, streaming] = spans();
  strictEqual(phase?.parentSpanContext?.spanId, streaming?.spanContext().spanId);
  ok(Math.abs((phase?.duration[1] ?? 0) / 1e6 - 20) < 0.01, `${phase?.duration}`);
  deepStrictEqual(streaming?.links.map(({ context }) => context.spanId), ["cd".repeat(8)]);
});

Deno.test("OtelTracer.current() is no span that is over, for whatever it has left behind, but one round it that is not [S38, S39]", async () => {
  for (const flags of ["00", "01"]) {
    const { tracer } = kept();
    const streamed = Promise.withResolvers<void>();
    let leftBehind = () => tracer.current();
    const standsIn = () => {
      const current = leftBehind();
      return current === null ? null : traceIdOf(current);
    };
    await tracer.entry({ name: "streaming", parent: place(flags) }, async (span) => {
      span.until(streamed.promise);
      await tracer.span({ name: "port" }, async () => {
        leftBehind = AsyncLocalStorage.bind(() => tracer.current());
        strictEqual(standsIn(), "ab".repeat(16));
        await turn();
      });
      deepStrictEqual(leftBehind(), span.context);
    });
    strictEqual(standsIn(), "ab".repeat(16));
    streamed.resolve();
    await turn();
    strictEqual(standsIn(), null);
  }
});

Deno.test("OtelTracer records what OTEL_TRACES_SAMPLER says, by the caller's own decision or not [S38]", async () => {
  const half = "7".repeat(32);
  const low = "0".repeat(16) + "1".repeat(16);
  const high = "f".repeat(32);
  const cases: readonly [SamplerOptions, TraceContext | null, recorded: boolean][] = [
    [ALWAYS, null, true],
    [ALWAYS, place("01"), true],
    [ALWAYS, place("00"), false],
    [{ ...ALWAYS, parentBased: false }, place("00"), true],
    [{ ...ALWAYS, root: "always_off" }, null, false],
    [{ ...ALWAYS, root: "always_off" }, place("01"), true],
    [{ ...ALWAYS, root: "always_off", parentBased: false }, place("01"), false],
    [{ parentBased: false, root: "traceidratio", ratio: 0 }, place("01", half), false],
    [{ parentBased: false, root: "traceidratio", ratio: 1 }, place("00", high), true],
    [{ parentBased: false, root: "traceidratio", ratio: 0.1 }, place("01", low), true],
    [{ parentBased: true, root: "traceidratio", ratio: 0 }, place("01", high), true],
    [{ parentBased: true, root: "traceidratio", ratio: 0 }, null, false],
  ];
  for (const [sampler, parent, recorded] of cases) {
    const { tracer, spans } = kept(sampler);
    await tracer.entry({ name: "request", parent }, async (span) => {
      strictEqual(parent === null || traceIdOf(span.context!) === traceIdOf(parent), true);
      await turn();
    });
    strictEqual(spans().length === 1, recorded, JSON.stringify([sampler, parent]));
  }
});
