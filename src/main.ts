import { announce } from "./announce.ts";
import { compose, type Service } from "./compose.ts";
import { addressOf, type Config, parseConfig } from "./config.ts";
import { readEnvironment, readSearchPath } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { untilOrphaned } from "./orphan.ts";

/** Runs in hand get this long to finish once the service is told to stop. */
const STOP_SECONDS = 10;
/** How long readiness says no before nothing answers any more. */
const NOTICE_SECONDS = 0.5;

/** Serves until told to stop; the exit code. */
async function main(): Promise<number> {
  const config = parseConfig(readEnvironment(), machineFacts());
  await using stack = new AsyncDisposableStack();
  const service = await compose(config, readSearchPath());
  // Goes after the service: without a listener a signal ends the process, and so Deno's watcher.
  const told = stack.use(listenForSignals());
  stack.use(service);
  const server = listen(config, service);
  service.log.write("info", "stopping", {
    because: await Promise.race([told.signal, untilOrphaned().then(() => "the launcher's end")]),
  });
  await stop(server, service);
  return 0;
}

function listen(config: Config, service: Service): Deno.HttpServer<Deno.NetAddr> {
  // What is printed is for people: a service that nobody reads serves all the same.
  const unread = (error: unknown) =>
    service.log.write("error", "announce_failed", { reason: describeFailure(error) });
  try {
    return Deno.serve({
      hostname: config.host,
      port: config.port,
      onListen: ({ port }) => void announce(config, service, port).catch(unread),
      // Whatever a handler throws is answered by the app itself; this is only for the socket's faults.
      onError: () => new Response(null, { status: 500 }),
    }, service.fetch);
  } catch (error) {
    const address = addressOf(config.host, config.port);
    throw new Error(`Cannot listen on ${address}: ${refusalOf(error)}`, { cause: error });
  }
}

function refusalOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the address is in use";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine has no such address";
  return describeFailure(error);
}

/** `signal` resolves with the first that says stop; later ones change nothing. */
function listenForSignals(): Disposable & { readonly signal: Promise<string> } {
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

/** Readiness off, nothing new taken, runs in hand finished or ended at the limit. */
async function stop(server: Deno.HttpServer<Deno.NetAddr>, service: Service): Promise<void> {
  service.beginStop();
  // Whoever asks for readiness in this moment learns to send its requests elsewhere.
  await new Promise((resolve) => setTimeout(resolve, NOTICE_SECONDS * 1000));
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, STOP_SECONDS * 1000);
  const finished = server.shutdown();
  await Promise.race([finished, limit.promise]);
  clearTimeout(timer);
  await service.endRuns();
}

function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  Deno.exit(await main());
} catch (error) {
  await Deno.stderr.write(new TextEncoder().encode(`${describeFailure(error)}\n`));
  Deno.exit(1);
}
