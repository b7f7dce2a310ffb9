import { cacheContract } from "../../tests/contracts/cache.ts";
import { areRunning, redisService } from "../../tests/fixtures/services.ts";
import { openInstance } from "../../tests/fixtures/two_tier.ts";

if (await areRunning("redis")) {
  const { url } = await redisService();
  for (const constant of [false, true]) {
    cacheContract(`TwoTierCache ${constant ? "of constants" : "of variables"}`, (clock) => {
      const prefix = crypto.randomUUID();
      // The contract has values that a service would keep to itself.
      return openInstance(url, { clock, constant, prefix, maxBytes: 1_000_000 });
    }, { maxSize: null });
  }
} else {
  Deno.test.ignore("TwoTierCache: the contract of a cache (needs Redis) [S25]", () => {});
}
