import assert from "node:assert/strict";
import { DomainError } from "../../../domain/errors.ts";
import {
  type EntryStart,
  NO_TRACER,
  type Span,
  type SpanAttributes,
  type Tracer,
} from "../../../domain/ports/tracer.ts";
import { endless } from "../../../tests/fakes/fake_application.ts";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { mcpCall } from "../../../tests/fixtures/mcp_message.ts";

/** Keeps what the spans of requests were told, and whether they have ended. */
class HeardTracer implements Tracer {
  readonly spans: { attributes: SpanAttributes; ended: boolean }[] = [];
  readonly span = NO_TRACER.span;
  readonly current = NO_TRACER.current;

  entry<Done>(_start: EntryStart, work: (span: Span) => Done): Done {
    const heard: HeardTracer["spans"][number] = { attributes: {}, ended: false };
    this.spans.push(heard);
    let last: Promise<unknown> = Promise.resolve();
    const done = work({
      context: null,
      isRecorded: true,
      set: (more) => void (heard.attributes = { ...heard.attributes, ...more }),
      rename: () => {},
      phase: () => {},
      until: (ended) => void (last = ended),
    });
    void Promise.resolve(done).then(() => last).then(() => heard.ended = true);
    return done;
  }
}

const PEER = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;
const TOKEN = { authorization: "Bearer developer-token" };
const AWAY = { code: "circuit_open", breaker: "graph_read", retryAfterSeconds: 1 } as const;
const EVENTS = { accept: "text/event-stream" };
const TOOL = mcpCall("execute_code", { code: "away" });

/** Requests, how their spans end, and what these tell of a fault. */
const REQUESTS: Readonly<
  Record<
    string,
    readonly [
      path: string,
      body: object,
      headers: Record<string, string>,
      fault: string | undefined,
    ]
  >
> = {
  "a run": ["/api/v1/execute_code", { code: "x" }, {}, undefined],
  "a run that is streamed": ["/api/v1/execute_code", { code: "x" }, EVENTS, undefined],
  "a refusal": ["/api/v1/execute_code", { code: 1 }, {}, undefined],
  "a fault": ["/api/v1/execute_code", { code: "away" }, {}, AWAY.code],
  "a fault within a stream": ["/api/v1/execute_code", { code: "away" }, EVENTS, AWAY.code],
  "a fault over MCP": ["/mcp", TOOL.body, { ...TOOL.headers }, AWAY.code],
};

for (const [what, [path, body, headers, fault]] of Object.entries(REQUESTS)) {
  Deno.test(`the span of ${what} ends with it, and tells ${fault ?? "no fault"} [S38]`, async () => {
    const tracer = new HeardTracer();
    await using surface = new HttpSurface({ tracer });
    surface.application.programs.set("away", () => Promise.reject(new DomainError(AWAY)));
    await surface.post(path, body, headers);
    const [span] = tracer.spans;
    await eventually("the span's end", () => span?.ended || null);
    assert.equal(span?.attributes["error.type"], fault);
    assert.equal(span?.attributes["ultimate_mcp.streamed"], headers === EVENTS || undefined);
  });
}

Deno.test("the span of a stream ends when its reader leaves, and that of a HEAD at once [S38]", async () => {
  const tracer = new HeardTracer();
  await using surface = new HttpSurface({ tracer });
  const { program, ended } = endless();
  surface.application.programs.set("wait", program);
  const headers = { ...TOKEN, ...EVENTS, "content-type": "application/json" };
  const init = { method: "POST", headers, body: '{"code":"wait"}' };
  const request = new Request("http://localhost/api/v1/execute_code", init);
  const { body } = await surface.fetch(request, PEER);
  const [run] = tracer.spans;
  assert.equal(run?.ended, false);
  await body?.cancel();
  await ended;
  await eventually("the span's end", () => run?.ended || null);

  const { json } = await surface.post("/api/v1/executions", { code: "x" });
  const events = `/api/v1/executions/${json.id}/events`;
  await surface.send(events, { method: "HEAD", headers: TOKEN });
  const head = tracer.spans.at(-1);
  await eventually("the span's end", () => head?.ended || null);
  assert.equal(head?.attributes["http.route"], "/api/v1/executions/{id}/events");
});
