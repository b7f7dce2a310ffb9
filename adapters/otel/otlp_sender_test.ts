import { rejects, strictEqual } from "node:assert/strict";
import { type OtlpOptions, OtlpSender } from "./otlp_sender.ts";

Deno.test("OtlpSender waits for no pause that would begin after its end [S38]", async () => {
  const options: OtlpOptions = {
    url: "http://127.0.0.1:1/v1/traces",
    headers: {},
    protocol: "http/json",
    timeoutMs: 60_000,
    compression: "none",
  };
  const bytes = { serializeRequest: () => new Uint8Array(1) };
  const sender = new OtlpSender(options, { "http/json": bytes, "http/protobuf": bytes });
  const { fetch } = globalThis;
  let isOver = false;
  // The end comes between the answer and the pause that it asks for.
  const cancel = () => void sender.end().then(() => isOver = true);
  const headers = { "retry-after": "2" };
  globalThis.fetch = () =>
    Promise.resolve(new Response(new ReadableStream({ cancel }), { status: 503, headers }));
  try {
    const sent = rejects(sender.send(undefined), /it answered 503/);
    // All that is left to do by then needs no timer.
    await new Promise((resolve) => setTimeout(resolve, 0));
    strictEqual(isOver, true, "the end waits");
    await sent;
  } finally {
    globalThis.fetch = fetch;
  }
});
