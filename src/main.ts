import { announce } from "./announce.ts";
import { compose, type Service } from "./compose.ts";
import { ConfigError, parseConfig } from "./config.ts";
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
  await using service = await compose(config, readSearchPath());
  const told = Promise.race([untilTold(), untilOrphaned().then(() => "the launcher's end")]);
  const server = Deno.serve({
    hostname: config.host,
    port: config.port,
    onListen: ({ port }) => void announce(config, service, port),
    // Whatever a handler throws is answered by the app itself; this is only for the socket's faults.
    onError: () => new Response(null, { status: 500 }),
  }, service.fetch);
  service.log.write("info", "stopping", { because: await told });
  await stop(server, service);
  return 0;
}

/** Resolves with the first signal that says stop; later ones change nothing. */
function untilTold(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => resolve(signal));
  }
  return promise;
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
  if (error instanceof ConfigError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

try {
  Deno.exit(await main());
} catch (error) {
  await Deno.stderr.write(new TextEncoder().encode(`${describeFailure(error)}\n`));
  Deno.exit(1);
}
