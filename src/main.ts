import { announce } from "./announce.ts";
import { claimDataDir, compose, DataDirHeld, type Service } from "./compose.ts";
import { withSecret } from "./compose_tokens.ts";
import { addressOf, type Config, parseConfig } from "./config.ts";
import { readEnvironment, readSearchPath, type SearchPath } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { untilOrphaned } from "./orphan.ts";
import { listenForSignals } from "./signals.ts";
import { listenOnSocket, type OwnerListener } from "./socket.ts";
import { finish, type Listener } from "./stop.ts";

/** How long readiness says no before nothing answers any more. */
const NOTICE_SECONDS = 0.5;
/** How long a data directory's owner may take to give it up: it lets its runs finish, as at a stop. */
const HANDOVER_SECONDS = 20;
const ASK_AGAIN_MS = 50;

/** Serves until told to stop; the exit code. */
async function main(): Promise<number> {
  const config = await withSecret(parseConfig(readEnvironment(), machineFacts()));
  await using stack = new AsyncDisposableStack();
  const service = await composeOwner(config, readSearchPath());
  // Goes after the service: without a listener a signal ends the process, and so Deno's watcher.
  const told = stack.use(listenForSignals());
  stack.use(service);
  const socket = await openSocket(config, service);
  if (socket !== null) stack.use(socket);
  const server = listen(config, service);
  service.log.write("info", "stopping", {
    because: await Promise.race([told.signal, untilOrphaned().then(() => "the launcher's end")]),
  });
  await stop(server, socket, service);
  return 0;
}

/** Composes the service, taking its data directory over from a process that yields it. */
async function composeOwner(config: Config, search: SearchPath): Promise<Service> {
  try {
    return await compose(config, search);
  } catch (error) {
    if (!(error instanceof DataDirHeld && error.yields)) throw error;
  }
  using _claim = await claimDataDir(config.dataDir);
  const until = performance.now() + HANDOVER_SECONDS * 1000;
  for (;;) {
    try {
      return await compose(config, search);
    } catch (error) {
      if (!(error instanceof DataDirHeld && error.yields)) throw error;
      if (performance.now() > until) throw notGivenUp(error);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

function notGivenUp(held: DataDirHeld): Error {
  const waited = `and has not given way within ${HANDOVER_SECONDS} s`;
  return new Error(`${held.message}, ${waited}: end it, or choose another DATA_DIR`);
}

/** Without its socket the service does all but lend itself to other commands. */
async function openSocket({ dataDir }: Config, service: Service): Promise<OwnerListener | null> {
  try {
    return await listenOnSocket(dataDir, service);
  } catch (error) {
    service.log.write("warn", "socket_unavailable", { reason: describeFailure(error) });
    return null;
  }
}

function listen(config: Config, service: Service): Deno.HttpServer<Deno.NetAddr> {
  // What is printed is for people: a service that nobody reads serves all the same.
  const unread = (error: unknown) =>
    service.log.write("error", "announce_failed", { reason: describeFailure(error) });
  try {
    const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve({
      hostname: config.host,
      port: config.port,
      onListen: ({ port }) => void announce(config, service, port).catch(unread),
      // Whatever a handler throws is answered by the app itself; this is only for the socket's faults.
      onError: () => new Response(null, { status: 500 }),
    }, (request, info) => service.fetch(request, info, server.addr.port));
    return server;
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

/** Readiness off first, nothing new taken a moment later. */
async function stop(
  server: Listener,
  socket: OwnerListener | null,
  service: Service,
): Promise<void> {
  await socket?.hide();
  service.beginStop();
  // Whoever asks for readiness in this moment learns to send its requests elsewhere.
  await new Promise((resolve) => setTimeout(resolve, NOTICE_SECONDS * 1000));
  await finish(socket === null ? [server] : [socket, server], service);
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
