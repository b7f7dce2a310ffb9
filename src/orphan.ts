const LOOK_EVERY_MS = 500;

/**
 * Resolves when the process that started this one has ended, however it did: nothing else tells a
 * service that nobody is left to stop it. Keeps no process alive.
 */
export function untilOrphaned(): Promise<void> {
  const parent = Deno.ppid;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(timer);
    resolve();
  }, LOOK_EVERY_MS);
  Deno.unrefTimer(timer);
  return promise;
}
