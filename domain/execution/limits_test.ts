import assert from "node:assert/strict";
import { DomainError } from "../errors.ts";
import {
  DEFAULT_LIMITS,
  type ExecutionLimits,
  isWholeLimit,
  MINIMUM_LIMITS,
  resolveLimits,
} from "./limits.ts";
import { CEILINGS } from "../../tests/fixtures/ceilings.ts";

Deno.test("resolveLimits() fills in every default [S14]", () => {
  assert.deepEqual(resolveLimits({}, CEILINGS), {
    timeoutSeconds: 8,
    memoryMb: 128,
    cpuSeconds: 30,
    processes: 32,
    openFiles: 64,
    fileSizeMb: 10,
    outputKb: 1024,
  });
  assert.deepEqual(resolveLimits({}, CEILINGS), DEFAULT_LIMITS);
});

Deno.test("resolveLimits() takes limits on their bounds [S14]", () => {
  assert.deepEqual([MINIMUM_LIMITS.timeoutSeconds, MINIMUM_LIMITS.memoryMb], [0.5, 1]);
  assert.deepEqual(resolveLimits(MINIMUM_LIMITS, CEILINGS), MINIMUM_LIMITS);
  assert.deepEqual(resolveLimits(CEILINGS, CEILINGS), CEILINGS);
});

Deno.test("MINIMUM_LIMITS and isWholeLimit() tell what resolveLimits() takes [S14]", () => {
  for (const key of Object.keys(MINIMUM_LIMITS) as (keyof ExecutionLimits)[]) {
    const asking = (limit: number) => () => resolveLimits({ [key]: limit }, CEILINGS);
    assert.throws(asking(MINIMUM_LIMITS[key] - 0.1), DomainError, key);
    if (isWholeLimit(key)) assert.throws(asking(MINIMUM_LIMITS[key] + 0.5), DomainError, key);
    else assert.doesNotThrow(asking(MINIMUM_LIMITS[key] + 0.5), key);
  }
});

Deno.test("resolveLimits() lowers a default to its ceiling [S14]", () => {
  assert.equal(resolveLimits({}, { ...CEILINGS, memoryMb: 64 }).memoryMb, 64);
});

Deno.test("resolveLimits() names every limit out of bounds at once [S14, S35]", () => {
  const asked = { timeoutSeconds: 61, memoryMb: 1.5, processes: 0, outputKb: Number.NaN };
  assert.throws(() => resolveLimits(asked, CEILINGS), (error) => {
    assert.ok(error instanceof DomainError && error.failure.code === "validation_failed");
    assert.deepEqual(error.failure.errors, [
      { pointer: "/timeout_seconds", expected: "a number from 0.5 to 60", found: "61" },
      { pointer: "/limits/memory_mb", expected: "a whole number from 1 to 1024", found: "1.5" },
      { pointer: "/limits/processes", expected: "a whole number from 1 to 128", found: "0" },
      { pointer: "/limits/output_kb", expected: "a whole number from 1 to 8192", found: "NaN" },
    ]);
    return true;
  });
});
