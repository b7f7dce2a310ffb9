import { deepStrictEqual, throws } from "node:assert/strict";
import { FACTS, faultsOf, STRONG } from "../tests/fixtures/configuration.ts";
import { ConfigError, parseConfig } from "./config.ts";

const SHARED = {
  REDIS_URL: "redis://127.0.0.1",
  RECORDS_BACKEND: "neo4j",
  RECORDS_NEO4J_URI: "bolt://127.0.0.1",
  RECORDS_NEO4J_PASSWORD: STRONG,
};

Deno.test("a worker needs Redis, records in Neo4j and a place, and no keys of tokens [B7]", () => {
  const worker = (env: Record<string, string>) => () => parseConfig(env, FACTS, "worker");
  throws(worker({ JOB_CONCURRENCY: "0" }), (error) => {
    deepStrictEqual((error as ConfigError).faults, [
      "REDIS_URL must be set for a worker: it takes from there what services queue",
      "RECORDS_BACKEND must be 'neo4j' for a worker, found 'sqlite': the services would not find " +
      "what it has run",
      "JOB_CONCURRENCY must be 1 or more for a worker, found 0",
    ]);
    return error instanceof ConfigError;
  });
  worker({ ...SHARED, ENVIRONMENT: "production" })();
});

Deno.test("a service leaves its jobs to workers only where there can be some [B7]", () => {
  const fault = "JOB_CONCURRENCY must be 1 or more where no worker can be: without REDIS_URL and " +
    "RECORDS_BACKEND 'neo4j'";
  deepStrictEqual(faultsOf({ JOB_CONCURRENCY: "0" }), [fault]);
  deepStrictEqual(faultsOf({ JOB_CONCURRENCY: "0", REDIS_URL: SHARED.REDIS_URL }), [fault]);
  deepStrictEqual(faultsOf({ JOB_CONCURRENCY: "0", ...SHARED }), []);
});
