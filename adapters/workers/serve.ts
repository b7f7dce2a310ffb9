import { encodeFrame, readFrames } from "./frames.ts";
import type { WorkerMessage } from "./messages.ts";

/** How a worker serves its pool, where that is not as usual. */
export interface ServeOptions {
  /** Whether the worker holds more memory than it should keep; asked after each answer. Default: never. */
  readonly hasGrown?: () => boolean;
}

/**
 * Makes this module the main module of a pool's worker: it answers one input after another, as the pool
 * asks, on standard output, and ends with its input. What `answer` throws ends the worker: whatever a caller
 * can cause is an answer, not an error. To be called once, when everything is loaded.
 */
export async function serve<Input, Output>(
  answer: (input: Input) => Output | Promise<Output>,
  { hasGrown = () => false }: ServeOptions = {},
): Promise<void> {
  await tell({ kind: "ready" });
  for await (const input of readFrames(Deno.stdin.readable)) {
    try {
      const output = await answer(input as Input);
      await tell({ kind: "answer", output, grown: hasGrown() });
    } catch (error) {
      // Uncaught, it would be printed, and with it what a caller sent.
      await tell({
        kind: "fault",
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

async function tell(message: WorkerMessage<unknown>): Promise<void> {
  const frame = encodeFrame(message);
  for (let rest = frame; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
}
