/** What becomes of a body's reader. */
export interface ReaderFate {
  /** The body was read to its end. */
  readonly done: () => void;
  /** The reader has left before; the reason is what it gave. */
  readonly left: (reason: unknown) => void;
}

/** An answer that tells what becomes of its reader. One without a body is done at once. */
export function watched(response: Response, fate: ReaderFate): Response {
  if (response.body === null) {
    fate.done();
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      fate.done();
      controller.close();
    },
    cancel(reason) {
      fate.left(reason);
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(body, response);
}

/** Whether an answer is a stream of events. */
export function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}
