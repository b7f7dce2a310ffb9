/** `signal` resolves with the first that says stop; later ones change nothing. */
export function listenForSignals(): Disposable & { readonly signal: Promise<string> } {
  using stack = new DisposableStack();
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const listener = () => resolve(signal);
    Deno.addSignalListener(signal, listener);
    stack.defer(() => Deno.removeSignalListener(signal, listener));
  }
  const held = stack.move();
  return { signal: promise, [Symbol.dispose]: () => held.dispose() };
}
