import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { openStream } from "../fixtures/events.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { lastSeen } from "../fixtures/rest.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { traces } from "../fixtures/traces.ts";

const STREAMS = 200;

/** A program that ends when it is told to, and can be found among the machine's processes. */
function marked(): { readonly mark: string; readonly body: object } {
  const mark = `86400.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const code = `echo begun; sleep ${mark} & sleep ${mark}`;
  return { mark, body: { language: "bash", code, timeout_seconds: 60 } };
}

async function livingWith(mark: string): Promise<number> {
  return (await listProcesses()).filter(({ dead, command }) => !dead && command.includes(mark))
    .length;
}

Deno.test("a stream tells what a program writes before it has ended [B5]", async () => {
  await using service = await startService();
  const { mark, body } = marked();
  const { status, events, close } = await openStream(service, body);
  assert.equal(status, 200);
  const started = (await events.next()).value;
  assert.equal(started?.name, "started");
  assert.deepEqual((await events.next()).value, { name: "stdout", data: { text: "begun\n" } });
  assert.equal(await eventually("both sleeps", async () => await livingWith(mark) || null), 2);
  await close();
  await eventually("the end of both", async () => await livingWith(mark) === 0 ? true : null);
  const stored = await eventually("its record", async () => {
    const answer = await service.get(`/api/v1/executions/${started.data.id}`);
    return answer.status === 200 ? answer.json : null;
  });
  assert.deepEqual(
    [stored.outcome, stored.return_code, stored.signal, stored.stdout],
    ["cancelled", 137, "SIGKILL", "begun\n"],
  );
});

Deno.test("closing a plain request ends its program [B5]", async () => {
  await using service = await startService();
  const { mark, body } = marked();
  const caller = new AbortController();
  const refused = assert.rejects(service.execute(body, { signal: caller.signal }));
  await eventually("both sleeps", async () => await livingWith(mark) || null);
  caller.abort();
  await refused;
  await eventually("the end of both", async () => await livingWith(mark) === 0 ? true : null);
});

Deno.test("a request that is closed as its answer comes is never called cancelled [B5]", async () => {
  await using service = await startService();
  const outcomes = new Set<unknown>();
  for (let turn = 0; turn < 40; turn += 1) {
    const { events, close } = await openStream(service, { code: "print(1)" });
    const id = (await events.next()).value?.data.id;
    // Sooner or later about the time at which such a program ends.
    await new Promise((resolve) => setTimeout(resolve, turn < 39 ? turn / 4 : 1000));
    await close();
    const stored = await eventually("its record", async () => {
      const answer = await service.get(`/api/v1/executions/${id}`);
      return answer.status === 200 ? answer.json : null;
    });
    outcomes.add(stored.outcome);
    const ending = [stored.outcome, stored.return_code, stored.signal];
    if (stored.outcome === "ok") assert.equal(stored.stdout, "1\n");
    else assert.deepEqual(ending, ["cancelled", 137, "SIGKILL"]);
    if (turn === 39) assert.equal(stored.outcome, "ok", "it had ended long before");
  }
  assert.ok(outcomes.size <= 2, [...outcomes].join());
  const text = (await service.get("/metrics", { token: null })).text;
  const counts = /outcomes_total\{language="python",outcome="(?:ok|cancelled)"\} (\d+)/g;
  const counted = [...text.matchAll(counts)].map(([, count]) => Number(count));
  assert.equal(counted.reduce((sum, count) => sum + count, 0), 40, text);
});

Deno.test("200 streams at once, half of them cut, leave no process or descriptor behind [B5]", async () => {
  await using service = await startService({
    ...UNLIMITED,
    EXECUTION_CONCURRENCY: "16",
    EXECUTION_QUEUE: String(STREAMS),
  });
  await stream(service, 20);
  const before = await traces(service);
  const { whole, cut } = await stream(service, STREAMS);
  assert.deepEqual([whole, cut], [STREAMS / 2, STREAMS / 2]);
  assert.deepEqual(await lastSeen(() => traces(service), before), before);
  assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
});

/** Streams of programs that talk for a while; every other one is cut at a moment of chance. */
async function stream(service: StartedService, count: number) {
  using client = Deno.createHttpClient({});
  const found = { whole: 0, cut: 0 };
  const code = "import time\nfor n in range(20):\n  print(n, flush=True)\n  time.sleep(0.01)";
  const expected = Array.from({ length: 20 }, (_, n) => `${n}\n`).join("");
  async function one(n: number): Promise<void> {
    const isCut = n % 2 === 1;
    const body = { code: isCut ? `${code}\ntime.sleep(60)` : code, timeout_seconds: 60 };
    const { events, close } = await openStream(service, body, client);
    const late = isCut ? setTimeout(close, Math.random() * 400) : undefined;
    let [text, result] = ["", null as unknown];
    for await (const { name, data } of events) {
      if (name === "stdout") text += data.text;
      if (name === "result") result = data.stdout;
    }
    clearTimeout(late);
    assert.deepEqual([text, result], isCut ? [text, null] : [expected, expected]);
    found[isCut ? "cut" : "whole"] += 1;
  }
  await Promise.all(Array.from({ length: count }, (_, n) => one(n)));
  return found;
}
