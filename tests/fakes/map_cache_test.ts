import { cacheContract } from "../contracts/cache.ts";
import { MapCache } from "./map_cache.ts";

const MAX_SIZE = 8;

cacheContract("MapCache", (clock) =>
  Promise.resolve({
    cache: new MapCache(clock, MAX_SIZE),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { maxSize: MAX_SIZE });
