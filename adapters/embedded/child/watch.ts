/**
 * A thread of the child beside the one that answers: says so on standard error, again and again, when the
 * process holds more memory than it may. The parent ends the process then; this thread could not.
 */

export {};

const LOOK_MS = 20;

const scope = self as unknown as { onmessage: ((event: MessageEvent<number>) => void) | null };
let cap = Infinity;
scope.onmessage = ({ data }) => {
  cap = data;
};
setInterval(() => {
  if (Deno.memoryUsage().rss > cap) Deno.stderr.writeSync(new TextEncoder().encode("\0memory\n"));
}, LOOK_MS);
