import { sleep } from "./sleep.ts";

// That no timer and no listener is left is what the sanitizers of the runner look at.

Deno.test("sleep() resolves by itself [S5]", async () => {
  await sleep(0, new AbortController().signal);
  await sleep(1, new AbortController().signal);
});

Deno.test("sleep() resolves at once when its signal is aborted, before or meanwhile [S5]", async () => {
  const caller = new AbortController();
  const slept = sleep(86_400_000, caller.signal);
  caller.abort();
  await slept;
  await sleep(86_400_000, caller.signal);
});
