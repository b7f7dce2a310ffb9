import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { faultsOf, parse } from "../tests/fixtures/configuration.ts";
import { redisAddress } from "./cache_setting.ts";

Deno.test("REDIS_URL makes Redis the cache's backend, unless CACHE_BACKEND says otherwise [S26]", () => {
  const REDIS_URL = "redis://:secret@cache.example.org";
  strictEqual(parse({}).cache.backend, "memory");
  deepStrictEqual(
    [parse({ REDIS_URL }).cache.backend, parse({ REDIS_URL }).cache.redisUrl],
    ["redis", REDIS_URL],
  );
  strictEqual(parse({ REDIS_URL, CACHE_BACKEND: "memory" }).cache.backend, "memory");
});

Deno.test("a REDIS_URL that is refused is not told, as it may have a password [S26, S28]", () => {
  const wrong = [
    "secret",
    "http://u:secret@cache",
    "redis://",
    "redis://u:secret@a,b:1",
    "redis://u:secret@cache/name",
    "redis://u:secret@cache/1/2",
    "redis://u:secret@cache?x=1",
    "redis://u:secret@cache:port",
    "redis:///run/secret.sock",
  ];
  for (const REDIS_URL of wrong) {
    const faults = faultsOf({ REDIS_URL });
    strictEqual(faults.length, 1, REDIS_URL);
    ok(!faults.join().includes("secret"), REDIS_URL);
  }
});

Deno.test("redisAddress() is what a permission needs [S26]", () => {
  strictEqual(redisAddress("redis://u:p@cache.example.org/3"), "cache.example.org:6379");
  strictEqual(redisAddress("rediss://10.0.0.1:7000"), "10.0.0.1:7000");
  strictEqual(redisAddress("redis://[::1]:7000/0"), "[::1]:7000");
});
