import assert from "node:assert/strict";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { Repeated } from "./repeated.ts";

Deno.test("Repeated tries again soon what fails, logs it once, and then keeps its pause [S33, B2]", async () => {
  let tries = 0;
  const lines: string[] = [];
  const succeeded = Promise.withResolvers<void>();
  const options = {
    name: "retention",
    log: { write: (_level: string, event: string) => void lines.push(event) },
    everyMs: 24 * 3600 * 1000,
    afterFailureMs: 1,
    work: () => {
      tries += 1;
      if (tries < 4) return Promise.reject(new Error("away"));
      succeeded.resolve();
      return Promise.resolve();
    },
  };
  await using repeated = new Repeated(options);
  await eventually("the fourth try", () => Promise.resolve(tries === 4 || null));
  await succeeded.promise;
  await repeated.going;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(tries, 4);
  assert.deepEqual(lines, ["records_not_read"]);
});
