import assert from "node:assert/strict";
import { signalProcess } from "../fixtures/kill.ts";
import { startService } from "../fixtures/service.ts";

Deno.test("a service that does not stop is killed by its launcher, with another exit code than 0 [S15]", async () => {
  await using service = await startService();
  await signalProcess(service.pid, "STOP");
  assert.equal(await service.stop(), 128 + 9);
});
