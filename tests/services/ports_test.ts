import { notStrictEqual, ok } from "node:assert/strict";
import { freePort } from "./ports.ts";

Deno.test("freePort() stays below the ports that the kernel hands out, from either end of chance", () => {
  for (const chance of [0, 0.5, 0.999999]) {
    const port = freePort(chance);
    ok(port >= 20_000 && port < 32_000, `${port}`);
  }
});

Deno.test("freePort() passes over a port that somebody listens on", () => {
  const first = freePort(0.25);
  using _listener = Deno.listen({ hostname: "127.0.0.1", port: first });
  const second = freePort(0.25);
  notStrictEqual(second, first);
  ok(second > first || second < 20_100, `${second}`);
});
