/** Below the ports that the kernel hands out itself, so that nobody takes one while its server restarts. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A TCP port of 127.0.0.1 that nobody listens on, from a part that `chance` (0 to below 1) picks. */
export function freePort(chance: number): number {
  const count = HIGHEST - LOWEST;
  const first = Math.floor(chance * count);
  for (let step = 0; step < count; step += 1) {
    const port = LOWEST + (first + step) % count;
    if (isFree(port)) return port;
  }
  throw new Error(`Cannot find a port: all from ${LOWEST} to ${HIGHEST - 1} are taken`);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
