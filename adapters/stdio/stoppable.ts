/**
 * The same answer, whose body ends when the signal is aborted, and its connection with it.
 *
 * The signal that Deno 2.9.6's `fetch` listens to may be collected once the head of an answer has come; from then
 * on nothing stops its body, whatever the caller keeps. A listener keeps a signal.
 */
export function stoppable(response: Response, signal: AbortSignal): Response {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      const stop = () => {
        controller.error(signal.reason);
        reader.cancel(signal.reason).catch(() => {});
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      const free = () => signal.removeEventListener("abort", stop);
      reader.closed.then(free, free);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
