import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { WorkerPool, type WorkerPoolOptions } from "./pool.ts";
import type { Asked } from "./testdata/echo.ts";
import { WorkerFault, type WorkerFaultReason } from "./worker_fault.ts";

const ECHO = new URL("./testdata/echo.ts", import.meta.url);
const NEVER = new AbortController().signal;

function openPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool<Asked, unknown> {
  const usual = {
    module: ECHO,
    deno: "deno",
    name: "echo",
    size: 1,
    queue: 4,
    memoryMegabytes: 32,
  };
  return new WorkerPool({ ...usual, ...options });
}

function tell(pool: WorkerPool<Asked, unknown>, caller: string, text = caller): Promise<unknown> {
  return pool.run(caller, { do: "tell", text }, { timeoutSeconds: 30, signal: NEVER });
}

/** Asks for what never ends; it does when the signal is aborted. */
function hold(
  pool: WorkerPool<Asked, unknown>,
  caller: string,
  signal: AbortSignal,
): Promise<unknown> {
  const held = pool.run(caller, { do: "spin" }, { timeoutSeconds: 60, signal });
  held.catch(() => {});
  return held;
}

function faultOf(reason: WorkerFaultReason): (error: unknown) => boolean {
  return (error) => {
    ok(error instanceof WorkerFault, String(error));
    strictEqual(error.reason, reason, error.message);
    return true;
  };
}

Deno.test("WorkerPool keeps a worker for the next one who asks", async () => {
  await using pool = openPool();
  deepStrictEqual(await tell(pool, "a"), { text: "a", told: 1 });
  deepStrictEqual(await tell(pool, "b"), { text: "b", told: 2 });
  deepStrictEqual(pool.state, { running: 0, waiting: 0, workers: 1, replaced: 0 });
});

Deno.test("WorkerPool gives a worker no permission", async () => {
  await using pool = openPool();
  const granted = pool.run("a", { do: "permissions" }, { timeoutSeconds: 30, signal: NEVER });
  deepStrictEqual(await granted, []);
});

Deno.test("WorkerPool passes on bytes, long texts and what JSON loses", async () => {
  await using pool = openPool();
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
  const options = { timeoutSeconds: 30, signal: NEVER };
  deepStrictEqual(await pool.run("a", { do: "bytes", bytes }, options), bytes);
  const text = "\u{1F600}\0x".repeat(100_000);
  deepStrictEqual(await tell(pool, "a", text), { text, told: 2 });
});

Deno.test("WorkerPool bounds the memory of WebAssembly in a worker", async () => {
  await using pool = openPool();
  const options = { timeoutSeconds: 30, signal: NEVER };
  const bytes = await pool.run("a", { do: "exhaust", what: "memory" }, options);
  ok(Number(bytes) > 16 * 2 ** 20 && Number(bytes) <= 32 * 2 ** 20, String(bytes));
});

const ENDS: readonly [what: Asked, reason: WorkerFaultReason][] = [
  [{ do: "spin" }, "timeout"],
  [{ do: "wait", milliseconds: 60_000 }, "timeout"],
  [{ do: "leave" }, "crashed"],
  [{ do: "exhaust", what: "heap" }, "crashed"],
  [{ do: "throw" }, "crashed"],
];

for (const [asked, reason] of ENDS) {
  Deno.test(`WorkerPool replaces a worker that is to ${asked.do}, and says ${reason}`, async () => {
    await using pool = openPool();
    await tell(pool, "a");
    const timeoutSeconds = reason === "timeout" ? 0.2 : 30;
    const ended = pool.run("a", asked, { timeoutSeconds, signal: NEVER });
    await rejects(ended, faultOf(reason));
    deepStrictEqual(await tell(pool, "b"), { text: "b", told: 1 });
    strictEqual(pool.state.replaced, 1);
  });
}

Deno.test("WorkerPool replaces a worker that has grown, once it has answered", async () => {
  await using pool = openPool();
  const grown = pool.run("a", { do: "grow" }, { timeoutSeconds: 30, signal: NEVER });
  deepStrictEqual(await grown, { text: "grown", told: 1 });
  deepStrictEqual(await tell(pool, "a"), { text: "a", told: 1 });
  strictEqual(pool.state.replaced, 1);
});

Deno.test("WorkerPool ends the work of a caller who leaves, at work or waiting", async () => {
  await using pool = openPool();
  const working = new AbortController();
  const waiting = new AbortController();
  const held = hold(pool, "a", working.signal);
  const queued = hold(pool, "b", waiting.signal);
  waiting.abort(new Error("left the queue"));
  await rejects(queued, /left the queue/);
  strictEqual(pool.state.waiting, 0);
  working.abort(new Error("left the work"));
  await rejects(held, /left the work/);
  await rejects(
    pool.run("a", { do: "spin" }, { timeoutSeconds: 1, signal: working.signal }),
    /left/,
  );
  deepStrictEqual(await tell(pool, "c"), { text: "c", told: 1 });
});

Deno.test("WorkerPool refuses what is more than may wait, in all and of one caller", async () => {
  await using pool = openPool({ queue: 3, waitingOfOne: 2 });
  const end = new AbortController();
  hold(pool, "a", end.signal);
  const queued = [tell(pool, "a"), tell(pool, "a")];
  await rejects(tell(pool, "a"), faultOf("queue_full"));
  queued.push(tell(pool, "b"));
  await rejects(tell(pool, "c"), faultOf("queue_full"));
  end.abort();
  strictEqual((await Promise.all(queued)).length, 3);
});

Deno.test("WorkerPool gives callers turns, whatever one of them has waiting", async () => {
  await using pool = openPool({ queue: 8, waitingOfOne: 8 });
  const end = new AbortController();
  const order: string[] = [];
  hold(pool, "a", end.signal);
  const queued = ["a1", "a2", "a3", "b1", "b2", "c1"].map(async (name) => {
    await tell(pool, name.slice(0, 1), name);
    order.push(name);
  });
  end.abort();
  await Promise.all(queued);
  deepStrictEqual(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
});

Deno.test("WorkerPool leaves a worker to others, whatever one caller has at work", async () => {
  await using pool = openPool({ size: 2 });
  const end = new AbortController();
  hold(pool, "a", end.signal);
  const own = tell(pool, "a");
  strictEqual(pool.state.waiting, 1);
  deepStrictEqual(await tell(pool, "b"), { text: "b", told: 1 });
  strictEqual(pool.state.waiting, 1);
  end.abort();
  await own;
});

Deno.test("WorkerPool has whoever wears workers out wait for others, and nobody else", async () => {
  await using pool = openPool({ size: 2 });
  await Promise.all([tell(pool, "a"), tell(pool, "b")]);
  const options = { timeoutSeconds: 30, signal: NEVER };
  const throwing = [1, 2].map(() => rejects(pool.run("a", { do: "throw" }, options)));
  // A worker that is started counts from 1.
  for (let told = 2; pool.state.replaced < 2; told += 1) {
    deepStrictEqual(await tell(pool, "b"), { text: "b", told });
  }
  await Promise.all(throwing);
});

Deno.test("WorkerPool ends a worker that has had nothing to do", async () => {
  await using pool = openPool({ idleSeconds: 0.01 });
  await tell(pool, "a");
  strictEqual(pool.state.workers, 1);
  while (pool.state.workers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  deepStrictEqual(await tell(pool, "a"), { text: "a", told: 1 });
});

Deno.test("WorkerPool tells those at work and those who wait that it closes", async () => {
  const pool = openPool();
  const told = [hold(pool, "a", NEVER), hold(pool, "b", NEVER)];
  await pool[Symbol.asyncDispose]();
  for (const held of told) await rejects(held, faultOf("closed"));
  await rejects(tell(pool, "c"), faultOf("closed"));
});

Deno.test("WorkerPool says so when its module cannot be started, each time", async () => {
  const module = new URL("./testdata/not_there.ts", import.meta.url);
  await using pool = openPool({ module });
  await rejects(tell(pool, "a"), faultOf("unavailable"));
  await rejects(tell(pool, "a"), faultOf("unavailable"));
  strictEqual(pool.state.workers, 0);
});

Deno.test("WorkerPool says so when there is no program to start, each time", async () => {
  await using pool = openPool({ deno: "/nonexistent/deno" });
  await rejects(tell(pool, "a"), faultOf("unavailable"));
  await rejects(tell(pool, "a"), faultOf("unavailable"));
  deepStrictEqual(pool.state, { running: 0, waiting: 0, workers: 0, replaced: 0 });
});
