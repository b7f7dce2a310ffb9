import assert from "node:assert/strict";
import { SPAN_ATTRIBUTES } from "../../domain/ports/tracer.ts";
import { McpPeer } from "../fakes/mcp_peer.ts";
import { eventually } from "../fixtures/eventually.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { mcpCall, mcpRequest } from "../fixtures/mcp_message.ts";
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from "../fixtures/otlp_receiver.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { TOOL_CALLS } from "../fixtures/tool_calls.ts";

const EXECUTE = "/api/v1/execute_code";
const RUN = ["sandbox queue", "sandbox", "sandbox fork", "sandbox run", "sandbox collect"];
/** What is planted where nothing of it may leave again. */
const PLANTED = "pl4nted-s3cret";

/** A request, and the spans that its tree must have beside its root. */
interface Kind {
  readonly path: string;
  /** `null`: it is a GET. */
  readonly body: object | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: null;
  readonly status: number;
  readonly root: string;
  readonly spans: readonly string[];
}

function execution(language: string, code: string): Kind {
  const spans = ["use case executeCode", ...RUN, "executions save"];
  const environment = { SECRET: PLANTED };
  const body = { language, code, environment, stdin: PLANTED };
  return { path: EXECUTE, body, status: 200, root: `POST ${EXECUTE}`, spans };
}

function posted(path: string, body: object, spans: readonly string[], status = 200): Kind {
  return { path, body, status, root: `POST ${path}`, spans };
}

/** Every kind of request; `n` makes no two the same. */
function kinds(n: number): readonly Kind[] {
  const { body, headers } = mcpCall("execute_code", { language: "bash", code: "echo 1" });
  const nodes = [{ key: `secret:${PLANTED}-${n}`, labels: ["Secret"], properties: { n } }];
  const [testRun] = TOOL_CALLS["run_tests"]!;
  return [
    execution("python", `print("${PLANTED}")`),
    execution("javascript", `throw new Error("${PLANTED}")`),
    execution("bash", `echo ${PLANTED}`),
    { ...execution("python", "print(1)"), headers: { accept: "text/event-stream" } },
    posted("/api/v1/graph_upsert", { nodes }, ["use case upsertGraph", "graph upsert"]),
    posted("/api/v1/graph_query", {
      cypher: `MATCH (n {key: $key}) RETURN n.n AS ${PLANTED.replaceAll("-", "_")}`,
      parameters: { key: PLANTED },
    }, ["use case queryGraph", "graph generation"]),
    posted("/api/v1/lint_code", { language: "python", code: `x = "${PLANTED}${n}"\n` }, [
      ...["use case lintCode", "cache get", "linter lint", "lints save", "cache set"],
    ]),
    posted("/api/v1/generate_code", {
      ...{ language: "python", template: "{{ x }}", context: { x: PLANTED } },
    }, ["use case generateCode", "templates render"]),
    posted("/api/v1/run_tests", testRun, ["use case runTests", ...RUN, "tests save"]),
    posted("/api/v1/executions", { code: `print("${PLANTED}")` }, [
      ...[
        "use case queueExecution",
        "jobs add",
        "job",
        ...RUN,
        "executions find",
        "executions save",
      ],
    ], 202),
    {
      ...posted("/mcp", body, ["tools/call execute_code", "use case executeCode", ...RUN]),
      headers,
    },
    { path: "/status", body: null, status: 200, root: "GET /status", spans: [] },
    { path: `/x?key=${PLANTED}`, body: null, status: 404, root: "GET unmatched", spans: [] },
    { ...execution("python", "1"), token: null, status: 401, spans: [] },
    { ...posted(EXECUTE, { language: PLANTED, code: "1" }, []), status: 422 },
  ];
}

async function send(service: StartedService, kind: Kind): Promise<string> {
  const { path, body, status, token } = kind;
  const headers = { ...kind.headers, "x-api-key": PLANTED };
  const sending = { headers, ...(token === null && { token }) };
  const answer = body === null
    ? await service.get(path, sending)
    : await service.post(path, body, sending);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  return answer.headers.get("x-correlation-id") ?? "";
}

function startTraced(receiver: OtlpReceiver, settings = {}): Promise<StartedService> {
  return startService({
    ...UNLIMITED,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: "50",
    ...settings,
  });
}

/** The span of a name, once it has come. */
function spanOf(
  receiver: OtlpReceiver,
  traceId: string,
  name: string,
): Promise<ReceivedSpan> {
  return eventually(
    `the span '${name}'`,
    () => receiver.spans.find((span) => span.traceId === traceId && span.name === name) ?? null,
  );
}

Deno.test("requests of every kind, fifty and more at once, arrive at a collector as whole trees that tell no secret [S38, S34]", async () => {
  await using receiver = await startOtlpReceiver();
  await using service = await startTraced(receiver);
  const asked = [1, 2, 3, 4].flatMap((n) => kinds(n));
  assert.ok(asked.length >= 50);
  const silent = ["/health", "/health/ready", "/metrics"].map((path) => service.get(path));
  const ids = await Promise.all(asked.map((kind) => send(service, kind)));
  await Promise.all(silent);
  const rootOf = (spans: readonly ReceivedSpan[]) =>
    spans.find(({ parentSpanId }) => parentSpanId === null);
  const trees = await eventually("every tree whole", () => {
    const byId = new Map(
      receiver.trees().map((tree) =>
        [rootOf(tree.spans)?.attributes["ultimate_mcp.correlation_id"], tree] as const
      ),
    );
    const found = ids.map((id) => byId.get(id));
    const whole = found.every((tree, at) => {
      const names = new Set(tree?.spans.map(({ name }) => name));
      return asked[at]?.spans.every((name) => names.has(name)) && tree?.orphans.length === 0;
    });
    return whole && receiver.trees().length >= asked.length ? found : null;
  }, 60);
  assert.equal(receiver.trees().length, asked.length, "a tree for each request, and no other");
  for (const [at, tree] of trees.entries()) {
    assert.equal(tree?.roots.length, 1);
    assert.deepEqual(tree?.orphans, []);
    assert.equal(tree?.roots[0]?.name, asked[at]?.root);
    assert.equal(
      tree?.roots[0]?.attributes["http.response.status_code"],
      String(asked[at]?.status),
    );
    const runs = tree?.spans.filter(({ name }) => name === "sandbox").length;
    assert.equal(runs, asked[at]?.spans.includes("sandbox") ? 1 : 0);
  }
  const allowed = new Set<string>(SPAN_ATTRIBUTES);
  const said = receiver.spans.flatMap(({ attributes }) => Object.keys(attributes));
  assert.deepEqual([...new Set(said)].filter((name) => !allowed.has(name)), []);
  assert.ok(!JSON.stringify(receiver.spans).includes(PLANTED));
  assert.ok(!JSON.stringify(receiver.spans).includes(service.token));
  assert.ok(logEntries(service.log).some(({ trace_id }) => typeof trace_id === "string"));
});

Deno.test("a trace goes on from its caller's place, over HTTP, MCP and the queue, and never into a program [S38, S34, S39]", async () => {
  await using receiver = await startOtlpReceiver();
  await using service = await startTraced(receiver);
  const place = (trace: string, flags = "01") => ({
    traceparent: `00-${trace.repeat(16)}-${"cd".repeat(8)}-${flags}`,
    tracestate: "vendor=1,other=a",
  });
  const code = "import os\nprint(dict(os.environ))";
  const ran = await service.execute({ code }, { headers: place("a1") });
  assert.equal(ran.json.trace_id, "a1".repeat(16));
  assert.doesNotMatch(String(ran.json.stdout), /trace|otel|a1a1/i);
  const server = await spanOf(receiver, "a1".repeat(16), `POST ${EXECUTE}`);
  assert.deepEqual([server.parentSpanId, server.traceState], ["cd".repeat(8), "vendor=1,other=a"]);
  const kept = await service.get(`/api/v1/executions/${ran.json.id}`);
  assert.equal(kept.json.trace_id, "a1".repeat(16));
  const line = await eventually("the log line", () => {
    const lines = logEntries(service.log).filter(({ event }) => event === "http_request");
    return lines.find(({ trace_id }) => trace_id === "a1".repeat(16)) ?? null;
  });
  assert.equal(line.route, EXECUTE);

  const job = await service.post("/api/v1/executions", { code }, { headers: place("b2") });
  const add = await spanOf(receiver, "b2".repeat(16), "jobs add");
  const run = await spanOf(receiver, "b2".repeat(16), "job");
  assert.equal(run.parentSpanId, add.spanId);
  const done = await eventually("the job done", async () => {
    const { json } = await service.get(job.headers.get("location") ?? "");
    return json.outcome === undefined ? null : json;
  });
  assert.equal(done.trace_id, "b2".repeat(16));
  assert.doesNotMatch(String(done.stdout), /trace|otel|b2b2/i);

  const modern = mcpRequest("tools/call", { name: "execute_code", arguments: { code } });
  const params = { ...modern.body.params } as { _meta: object };
  Object.assign(params, { _meta: { ...params._meta, ...place("c3") } });
  const called = await service.post("/mcp", { ...modern.body, params }, modern);
  assert.ok(called.text.includes("c3".repeat(16)), "the stored result is of the client's trace");
  await checkCall(receiver, "c3".repeat(16));
  const peer = new McpPeer(new URL(`${service.url}/mcp`), service.token);
  await peer.initialize();
  await (await peer.run(1, code, place("d4"))).message();
  await checkCall(receiver, "d4".repeat(16));

  const unrecorded = await service.execute({ code }, { headers: place("e5", "00") });
  assert.equal(unrecorded.json.trace_id, "e5".repeat(16));
  await service.execute({ code }, { headers: place("f6") });
  await spanOf(receiver, "f6".repeat(16), `POST ${EXECUTE}`);
  assert.ok(receiver.spans.every(({ traceId }) => traceId !== "e5".repeat(16)));
});

Deno.test("what is kept of tests and of linting tells its trace, and so does the audit of each request [S38, S33]", async () => {
  await using receiver = await startOtlpReceiver();
  await using service = await startTraced(receiver);
  const place = (trace: string) => ({ traceparent: `00-${trace.repeat(16)}-${"cd".repeat(8)}-01` });
  const ask = async (path: string, body: object, trace: string) =>
    (await service.post(`/api/v1/${path}`, body, { headers: place(trace) })).json;
  const tests = { language: "javascript", code: 'Deno.test("one", () => {});' };
  const lint = { language: "python", code: "import os\n" };
  assert.equal((await ask("run_tests", tests, "a1")).trace_id, "a1".repeat(16));
  assert.equal((await ask("lint_code", lint, "b2")).trace_id, "b2".repeat(16));
  const kept = await ask("lint_code", lint, "c3");
  assert.deepEqual([kept.cached, kept.trace_id], [true, "b2".repeat(16)]);
  await ask("executions", { code: "1" }, "d4");
  await service.post("/api/v1/lint_code", lint, { headers: place("f6"), token: "none" });
  const told = {
    ...{ tests_finished: "a1", code_linted: "b2", data_accessed: "c3", execution_queued: "d4" },
    authentication_failed: "f6",
  };
  for (const [type, trace] of Object.entries(told)) {
    const { json } = await service.get(`/api/v1/audit?type=${type}`);
    const events = json.events as readonly { readonly trace_id?: string }[];
    assert.ok(events.some(({ trace_id }) => trace_id === trace.repeat(16)), type);
  }
});

/** A tool's call is in its client's trace, with a link to the request that brought it. */
async function checkCall(receiver: OtlpReceiver, traceId: string): Promise<void> {
  const call = await spanOf(receiver, traceId, "tools/call execute_code");
  assert.equal(call.parentSpanId, "cd".repeat(8));
  const request = await eventually(
    "the request that brought it",
    () => receiver.spans.find(({ spanId }) => spanId === call.links[0]?.spanId) ?? null,
  );
  assert.equal(request.name, "POST /mcp");
  await spanOf(receiver, traceId, "executions save");
}

Deno.test("whatever the collector does, requests are answered and the service stops [S38]", async () => {
  const receiver = await startOtlpReceiver();
  const service = await startTraced(receiver, { OTEL_BSP_EXPORT_TIMEOUT: "500" });
  await using stack = new AsyncDisposableStack();
  stack.use(service);
  const requests = async () => {
    const asked = Array.from({ length: 40 }, () => service.get("/status"));
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  };
  const { headers } = await service.get("/status");
  assert.match(headers.get("content-length") ?? "", /^\d+$/, "an answer leaves as it was made");
  for (const manner of ["slow", "fails", "hangs"] as const) {
    receiver.manner = manner;
    const before = receiver.headers.length;
    await requests();
    await eventually(
      `an export to one that is ${manner}`,
      () => receiver.headers.length > before || null,
    );
    await requests();
  }
  await receiver[Symbol.asyncDispose]();
  await requests();
  await eventually("the log's word", () => service.log.includes("traces_not_exported") || null);
  assert.equal(await service.stop(), 0);
});
