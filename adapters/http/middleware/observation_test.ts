import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

Deno.test("createHttpApp() writes one log line a request, without path, code or token [S34]", async () => {
  await using surface = new HttpSurface();
  const headers = { "x-correlation-id": "one-of-many" };
  await surface.post("/api/v1/execute_code?q=hidden", { code: 1, stdin: "hidden" }, headers);
  const lines = surface.lines.filter(({ fields }) => fields.correlation_id === "one-of-many");
  assert.deepEqual(lines, [{
    level: "info",
    event: "http_request",
    fields: {
      method: "POST",
      route: "/api/v1/execute_code",
      status: 422,
      outcome: "refused",
      duration_seconds: 1,
      head_seconds: 1,
      correlation_id: "one-of-many",
      trace_id: null,
      refusal: "validation_failed",
    },
  }]);
});

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENTS: readonly (readonly [parent: string, traceId: string | null])[] = [
  [`00-${TRACE}-00f067aa0ba902b7-01`, TRACE],
  [`01-${TRACE}-00f067aa0ba902b7-01-what-comes-later`, TRACE],
  [`00-${TRACE}-00f067aa0ba902b7-01-more`, null],
  [`ff-${TRACE}-00f067aa0ba902b7-01`, null],
  [`00-${"0".repeat(32)}-00f067aa0ba902b7-01`, null],
  [`00-${TRACE}-${"0".repeat(16)}-01`, null],
  [`00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`, null],
  [`00-${TRACE}-00f067aa0ba902b7`, null],
  ["", null],
];

for (const [parent, traceId] of PARENTS) {
  Deno.test(`a traceparent of '${parent}' gives the log line ${traceId} [S34]`, async () => {
    await using surface = new HttpSurface();
    await surface.send("/health", { headers: { traceparent: parent } });
    assert.deepEqual(surface.lines.map(({ fields }) => fields.trace_id), [traceId]);
  });
}
