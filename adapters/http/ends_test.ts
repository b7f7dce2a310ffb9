import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import type { Measurement } from "../../domain/ports/telemetry.ts";
import { HttpSurface } from "../../tests/fakes/http_surface.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { endless } from "../../tests/fakes/fake_application.ts";
import type { McpPeer } from "../../tests/fakes/mcp_peer.ts";
import { type McpMessage, mcpRequest } from "../../tests/fixtures/mcp_message.ts";

const PEER = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;
const TOKEN = { authorization: "Bearer developer-token" };
const JSON_TYPE = { "content-type": "application/json" };
const EVENTS = { ...TOKEN, ...JSON_TYPE, accept: "text/event-stream" };
const EXPORT = { authorization: "Bearer admin-token" };

/** A surface on which programs do what these requests want of them, and one job waits. */
async function prepared(): Promise<{ surface: HttpSurface; job: string }> {
  const surface = new HttpSurface();
  const { programs } = surface.application;
  programs.set("wait", endless().program);
  programs.set("break", () => Promise.reject(new Error("x")));
  const circuit = { code: "circuit_open", breaker: "graph_read", retryAfterSeconds: 1 } as const;
  programs.set("away", () => Promise.reject(new DomainError(circuit)));
  const { json } = await surface.post("/api/v1/executions", { code: "x" });
  surface.measurements.length = 0;
  surface.lines.length = 0;
  return { surface, job: `/api/v1/executions/${json.id}/events` };
}

/** How a request ended: measurements as they are, and what its line said. */
function told({ measurements, lines }: HttpSurface): readonly unknown[] {
  const ends = measurements.flatMap((it) =>
    it.kind === "http_request_finished" ? [it.outcome] : []
  );
  const requests = lines.filter(({ event }) => event === "http_request");
  return [
    ...ends,
    ...requests.map(({ fields: { status, outcome, refusal } }) => ({
      ...{ status, outcome, refusal },
    })),
  ];
}

/** Seconds to the answer's head, as measured and as logged, and to its end; each look at the clock takes one. */
function durations({ measurements, lines }: HttpSurface): readonly number[] {
  const ended = measurements.find(({ kind }) => kind === "http_request_finished");
  const line = lines.find(({ event }) => event === "http_request");
  assert.ok(ended?.kind === "http_request_finished");
  const { head_seconds: toHead, duration_seconds: toEnd } = line?.fields ?? {};
  return [ended.durationSeconds, Number(toHead), Number(toEnd)];
}

interface Streamed {
  readonly asked: RequestInit & { readonly path?: string };
  /** Whether its reader leaves after the first piece, or takes all. */
  readonly leaves: boolean;
  readonly outcome: string;
  readonly refusal: string | null;
}

function running(code: string): Streamed["asked"] {
  return {
    path: "/api/v1/execute_code",
    method: "POST",
    headers: EVENTS,
    body: JSON.stringify({ code }),
  };
}

function overMcp({ headers, body }: McpMessage): Streamed["asked"] {
  return {
    path: "/mcp",
    method: "POST",
    headers: { ...headers, ...TOKEN },
    body: JSON.stringify(body),
  };
}

/** Without a path: what tells of the job that waits. */
const STREAMS: Readonly<Record<string, Streamed>> = {
  "a run that is followed to its end": {
    asked: running("x"),
    leaves: false,
    outcome: "ok",
    refusal: null,
  },
  "a run whose reader leaves": {
    asked: running("wait"),
    leaves: true,
    outcome: "left",
    refusal: null,
  },
  "a run that breaks after it began": {
    ...{ asked: running("break"), leaves: false, outcome: "failed", refusal: "internal" },
  },
  "a job whose watcher leaves": {
    asked: { headers: TOKEN },
    leaves: true,
    outcome: "ok",
    refusal: null,
  },
  "a graph whose reader leaves": {
    ...{ asked: { path: "/api/v1/graph/export", headers: EXPORT }, leaves: true },
    ...{ outcome: "left", refusal: null },
  },
  "a graph that is read whole": {
    ...{ asked: { path: "/api/v1/graph/export", headers: EXPORT }, leaves: false },
    ...{ outcome: "ok", refusal: null },
  },
  "an open stream of MCP whose reader leaves": {
    ...{ asked: overMcp(mcpRequest("subscriptions/listen", { notifications: {} })), leaves: true },
    ...{ outcome: "ok", refusal: null },
  },
};

for (const [what, { asked, leaves, outcome, refusal }] of Object.entries(STREAMS)) {
  Deno.test(`createHttpApp() counts ${what} as '${outcome}', and not before that [S37, S39]`, async () => {
    const { surface, job } = await prepared();
    await using _surface = surface;
    const { path = job, ...init } = asked;
    const response = await surface.fetch(new Request(`http://localhost${path}`, init), PEER);
    assert.equal(response.status, 200);
    const reader = response.body?.getReader();
    if (leaves) await reader?.read();
    const kinds = surface.measurements.map(({ kind }) => kind);
    assert.deepEqual(
      ["http_request_started", "user_seen", "http_request_finished"].map((it) =>
        kinds.some((kind) => kind === it)
      ),
      [true, true, false],
    );
    assert.deepEqual(told(surface), []);
    while (!leaves && !(await reader?.read())?.done);
    await reader?.cancel();
    await eventually("its end", () => told(surface).length > 0 ? true : null);
    assert.deepEqual(told(surface), [outcome, { status: 200, outcome, refusal }]);
    assert.deepEqual(durations(surface), [1, 1, 2]);
  });
}

/** Calls of `execute_code`: the code of their problem, how the call and the request count. */
const CALLS: readonly (readonly [
  args: Readonly<Record<string, unknown>>,
  code: string | null,
  outcome: string,
])[] = [
  [{ code: "x" }, null, "ok"],
  [{ code: "slow" }, null, "ok"],
  [{ code: 1 }, "validation_failed", "refused"],
  [{ code: "away" }, "circuit_open", "failed"],
  [{ code: "break" }, "internal", "failed"],
];

Deno.test("/mcp counts and logs a tool's call as the same request over HTTP, of either revision [S22, S37, S39]", async () => {
  for (const era of ERAS) {
    await using served = new ServedSurface();
    const { surface } = served;
    const circuit = { code: "circuit_open", breaker: "graph_read", retryAfterSeconds: 1 } as const;
    surface.application.programs.set("away", () => Promise.reject(new DomainError(circuit)));
    surface.application.programs.set("break", () => Promise.reject(new Error("x")));
    surface.application.programs.set("slow", () => {
      surface.mcpClock.advance(1500);
      return {};
    });
    await using connected = await served.connect(era);
    for (const [args, refusal, outcome] of CALLS) {
      surface.measurements.length = 0;
      surface.lines.length = 0;
      const name = "execute_code";
      await connected.client.callTool({ name, arguments: args });
      await eventually("its end", () => told(surface).length > 0 ? true : null);
      assert.deepEqual(told(surface), [outcome, { status: 200, outcome, refusal }], era.name);
      const calls = surface.measurements.filter(({ kind }) => kind === "tool_call_finished");
      const durationSeconds = args.code === "slow" ? 1.5 : 0;
      const call = { kind: "tool_call_finished", tool: name, outcome, durationSeconds };
      assert.deepEqual(calls, [call]);
    }
  }
});

Deno.test("/mcp logs a resource that is not there, and measures no call of a tool [S37, S39]", async () => {
  const { surface } = await prepared();
  await using _surface = surface;
  const { headers, body } = mcpRequest("resources/read", {
    uri: "ultimate-mcp://executions/01890000-0000-7000-8000-000000000001",
  });
  await surface.post("/mcp", body, headers);
  const outcome = "refused";
  assert.deepEqual(told(surface), [outcome, { status: 200, outcome, refusal: "not_found" }]);
  assert.ok(!surface.measurements.some(({ kind }) => kind === "tool_call_finished"));
});

Deno.test("HEAD of a stream ends with its head, and holds no place [B7, S37]", async () => {
  const { surface, job } = await prepared();
  await using _surface = surface;
  // More than one user may have open at once.
  for (let n = 0; n < 25; n += 1) {
    const { status, text } = await surface.send(job, { method: "HEAD", headers: TOKEN });
    assert.deepEqual([status, text], [200, ""]);
    const ok = { status: 200, outcome: "ok", refusal: null };
    assert.deepEqual(told(surface), ["ok", ok]);
    surface.measurements.length = 0;
    surface.lines.length = 0;
  }
  const request = new Request(`http://localhost${job}`, { headers: TOKEN });
  const watched = await surface.fetch(request, PEER);
  assert.equal(watched.status, 200);
  await watched.body?.cancel();
});

Deno.test("/mcp tells a call that nobody hears to its end from the session's own stream [S22, S37]", async () => {
  await using served = new ServedSurface();
  const { surface } = served;
  surface.application.programs.set("wait", endless().program);
  const peer = await served.peer();
  for (const outcome of ["left", "ok"]) {
    surface.measurements.length = 0;
    surface.lines.length = 0;
    if (outcome === "left") {
      const stream = await peer.run(1, "wait");
      await stream.next();
      await stream.leave();
    } else {
      const { body } = await peer.listen();
      await body?.cancel();
    }
    await eventually("its end", () => told(surface).length > 0 ? true : null);
    assert.deepEqual(told(surface), [outcome, { status: 200, outcome, refusal: null }]);
  }
});

/** Ways to call off the call with the id 1. */
const CALLING_OFF: readonly ((peer: McpPeer) => Promise<number>)[] = [
  (peer) => peer.tell("notifications/cancelled", { requestId: 1 }),
  (peer) => peer.statusOf("DELETE"),
];

Deno.test("/mcp counts a call that is called off as 'refused', whichever ends first, stream or program [S22, S37, S39]", async () => {
  for (const callOff of CALLING_OFF) {
    for (const endsFirst of ["program", "stream"]) {
      await using served = new ServedSurface();
      const { surface } = served;
      const { program, started } = endless();
      const mayEnd = Promise.withResolvers<void>();
      surface.application.programs.set("wait", async (...asked) => {
        try {
          return await program(...asked);
        } finally {
          await mayEnd.promise;
        }
      });
      const peer = await served.peer();
      const stream = await peer.run(1, "wait");
      await started;
      surface.measurements.length = 0;
      surface.lines.length = 0;
      if (endsFirst === "program") mayEnd.resolve();
      assert.ok(await callOff(peer) < 300);
      const isTool = ({ kind }: Measurement) => kind === "tool_call_finished";
      const calls = () => surface.measurements.filter(isTool);
      // Lines of the call itself, and not of what calls it off.
      const lines = () => surface.lines.filter(({ fields }) => fields.refusal === "cancelled");
      const line = await eventually("its line", () => lines()[0] ?? null);
      if (endsFirst === "stream") assert.deepEqual(calls(), []);
      mayEnd.resolve();
      const call = await eventually("its measurement", () => calls()[0] ?? null);
      const { status, outcome } = line.fields;
      assert.deepEqual([status, outcome], [200, "refused"]);
      assert.ok(call.kind === "tool_call_finished" && call.outcome === "refused");
      while (await stream.next() !== null);
    }
  }
});
