/** What a worker tells its pool. */
export type WorkerMessage<Output> =
  | { readonly kind: "ready" }
  /** `grown`: the worker holds more memory than it should keep; it is replaced. */
  | { readonly kind: "answer"; readonly output: Output; readonly grown: boolean }
  | { readonly kind: "fault"; readonly message: string };
