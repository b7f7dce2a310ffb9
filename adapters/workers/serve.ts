import type { WorkerMessage } from "./messages.ts";

/** How a worker serves its pool, where that is not as usual. */
export interface ServeOptions<Output> {
  /** Whether the worker holds more memory than it should keep; asked after each answer. Default: never. */
  readonly hasGrown?: () => boolean;
  /** What of an answer is handed over and not copied. Default: nothing. */
  readonly transferred?: (output: Output) => Transferable[];
}

/** What a worker sees of its own scope. */
interface WorkerScope<Input> {
  onmessage: ((event: MessageEvent<Input>) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/**
 * Makes this module the main module of a pool's worker: it answers one input after another, as the pool
 * asks. What `answer` throws ends the worker: whatever a caller can cause is an answer, not an error.
 * To be called once, when everything is loaded.
 */
export function serve<Input, Output>(
  answer: (input: Input) => Output | Promise<Output>,
  { hasGrown = () => false, transferred = () => [] }: ServeOptions<Output> = {},
): void {
  const scope = globalThis as unknown as WorkerScope<Input>;
  const tell = (message: WorkerMessage<Output>, transfer: Transferable[] = []) =>
    scope.postMessage(message, transfer);
  scope.onmessage = async ({ data }) => {
    try {
      const output = await answer(data);
      tell({ kind: "answer", output, grown: hasGrown() }, transferred(output));
    } catch (error) {
      // Uncaught, it would be printed, and with it what a caller sent.
      tell({ kind: "fault", message: error instanceof Error ? error.message : String(error) });
    }
  };
  tell({ kind: "ready" });
}
