import type { WorkerMessage } from "./messages.ts";

/** One worker that started or did not, from its start to its end. It never starts again. */
export class Seat<Input, Output> {
  readonly #worker: Worker;
  readonly #started = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<Output> | null = null;
  #state: "starting" | "ready" | "grown" | "ended" = "starting";
  #hasStarted = false;

  /** Starts a worker that may ask the host for nothing: no file, no network, no environment. */
  constructor(module: URL, name: string) {
    // The type of Deno's own options is not among those of the web.
    const options = { type: "module", name, deno: { permissions: "none" } };
    this.#worker = new Worker(module, options as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage<Output>>) => this.#hear(data);
    this.#worker.onmessageerror = () => this.end("it sent what cannot be read");
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.end(event.message);
    };
    // Who waits for it is told; nobody may be waiting.
    this.#started.promise.catch(() => {});
  }

  /** Whether it may be asked something more. */
  get isUsable(): boolean {
    return this.#state === "starting" || this.#state === "ready";
  }

  /** Whether it has ever been ready: one that has not would not be, another time. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Resolves when it can be asked; rejects when it has ended. */
  started(): Promise<void> {
    return this.#started.promise;
  }

  /** One at a time. Rejects when the worker faults or is ended. */
  ask(input: Input, transfer: Transferable[]): Promise<Output> {
    const asked = Promise.withResolvers<Output>();
    this.#answer = asked;
    this.#worker.postMessage(input, transfer);
    return asked.promise;
  }

  /** Ends the worker at once, whatever it is doing. */
  end(reason: string): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#worker.terminate();
    const error = new Error(reason);
    this.#started.reject(error);
    this.#answer?.reject(error);
  }

  #hear(message: WorkerMessage<Output>): void {
    switch (message.kind) {
      case "ready":
        this.#state = "ready";
        this.#hasStarted = true;
        return this.#started.resolve();
      case "answer":
        if (message.grown) this.#state = "grown";
        return this.#answer?.resolve(message.output);
      case "fault":
        return this.end(message.message);
    }
  }
}
