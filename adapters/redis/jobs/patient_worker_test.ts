import assert from "node:assert/strict";
import { Queue } from "bullmq";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { areRunning, redisService } from "../../../tests/fixtures/services.ts";
import { openTcpProxy } from "../../../tests/fixtures/tcp_proxy.ts";
import { connectionTo, lastingConnection, pause } from "./connection.ts";
import { PatientWorker } from "./patient_worker.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";
const AWAY_MS = 600;
const PATIENCE_MS = 100;
/** More than there can be with patience; a worker without has them before the event loop comes round. */
const TOO_MANY = 50;

Deno.test({
  name:
    `a worker whose Redis goes as its job ends lets all else go on, and works again${needs} [B7]`,
  ignore: needs !== "",
  // BullMQ's own waiting outlasts its closing.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { url } = await redisService();
    await using proxy = openTcpProxy(Number(new URL(url).port));
    const way = Object.assign(new URL(url), { port: String(proxy.port) }).href;
    const prefix = `test-${crypto.randomUUID()}`;
    const [toAdd, toWork] = [connectionTo(url), connectionTo(way)];
    const queue = new Queue("work", { connection: lastingConnection(toAdd), prefix });
    const worked = new Set<string>();
    const work = async ({ name }: { readonly name: string }) => {
      worked.add(name);
      if (name !== "first" || worked.size > 1) return;
      await proxy.refuse();
      await eventually("Redis away", () => toWork.isReady ? null : true);
    };
    const connection = lastingConnection(toWork);
    const options = { connection, prefix, lockDuration: 600, stalledInterval: 300 };
    const worker = new PatientWorker("work", work, { ...options, runRetryDelay: PATIENCE_MS });
    let errors = 0;
    worker.on("error", () => {
      // Else a worker without patience would never let this test fail.
      if (++errors > TOO_MANY) void worker.close(true);
    });
    try {
      await queue.add("first", {});
      await eventually("the first job begun", () => worked.has("first") || null);
      await queue.add("second", {});
      await pause(AWAY_MS);
      assert.ok(errors > 0 && errors <= TOO_MANY, `${errors} errors`);
      proxy.mend();
      await eventually("the second job", () => worked.has("second") || null);
    } finally {
      await worker.close(true);
      await queue.obliterate({ force: true });
      for (const client of [toAdd, toWork]) client.destroy();
      connection.disconnect();
    }
  },
});
