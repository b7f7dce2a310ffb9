import assert from "node:assert/strict";
import { DomainError } from "../../../domain/errors.ts";
import { HttpSurface, verified } from "../../../tests/fakes/http_surface.ts";

/** The issuer's keys are not known. */
const AWAY = new DomainError({
  code: "dependency_unavailable",
  dependency: "the issuer's keys",
  reason: "they could not be fetched yet",
  remedy: null,
  retryAfterSeconds: 2,
});

Deno.test("authenticated() measures what it finds of each token [S27, S37]", async () => {
  await using surface = new HttpSurface({
    tokens: { verify: (token) => token === "away" ? Promise.reject(AWAY) : verified(token) },
  });
  const cases: readonly [authorization: string | null, path: string, results: string[]][] = [
    [null, "/status", ["missing"]],
    [null, "/api/v1/nope", ["missing"]],
    ["Basic eDp5", "/status", ["invalid"]],
    ["Bearer ", "/mcp", ["invalid"]],
    ["Bearer forged", "/status", ["invalid"]],
    ["Bearer old-token", "/status", ["expired"]],
    ["Bearer revoked-token", "/status", ["revoked"]],
    ["Bearer viewer-token", "/status", ["ok"]],
    // Nothing was decided: the issuer's keys are not known, or nobody asks for a token.
    ["Bearer away", "/status", []],
    ["Bearer forged", "/health", []],
    [null, "/nope", []],
  ];
  for (const [authorization, path, expected] of cases) {
    surface.measurements.length = 0;
    await surface.send(path, { headers: authorization === null ? {} : { authorization } });
    const results = surface.measurements.flatMap((measurement) =>
      measurement.kind === "auth_decided" ? [measurement.result] : []
    );
    assert.deepEqual(results, expected, `${authorization} ${path}`);
    const finished = surface.measurements.at(-1);
    assert.ok(finished?.kind === "http_request_finished");
    assert.equal(finished.authenticated, expected[0] === "ok");
  }
});
