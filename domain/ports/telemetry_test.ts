import assert from "node:assert/strict";
import { httpMethodOf } from "./telemetry.ts";

Deno.test("httpMethodOf() keeps the standard's methods and calls every other one OTHER [S37]", () => {
  for (const method of ["GET", "HEAD", "PATCH", "CONNECT", "TRACE"]) {
    assert.equal(httpMethodOf(method), method);
  }
  for (const method of ["PURGE", "get", "", "OTHER", 'X" 1\ninjected', "__proto__"]) {
    assert.equal(httpMethodOf(method), "OTHER");
  }
});
