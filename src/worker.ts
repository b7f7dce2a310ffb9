/** Runs jobs that services on this and other machines have queued. */

import { composeWorker, type Worker } from "./compose_worker.ts";
import { addressOf, type Config, parseConfig } from "./config.ts";
import { readEnvironment, readSearchPath } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { untilOrphaned } from "./orphan.ts";
import { listenForSignals } from "./signals.ts";
import { finish, type Listener } from "./stop.ts";

/** Works until told to stop; jobs in hand then have ten seconds, and go back to the queue. */
async function main(): Promise<void> {
  const config = parseConfig(readEnvironment(), machineFacts(), "worker");
  await using stack = new AsyncDisposableStack();
  const worker = await composeWorker(config, readSearchPath());
  // Goes after the worker, which is not to be ended by a second signal.
  const told = stack.use(listenForSignals());
  stack.use(worker);
  const listeners = listen(config, worker);
  worker.log.write("info", "working", {});
  const because = await Promise.race([
    told.signal,
    untilOrphaned().then(() => "the launcher's end"),
  ]);
  worker.log.write("info", "stopping", { because });
  await finish(listeners, worker);
}

/** Health and metrics, where a port is set. */
function listen({ host, jobs: { workerPort: port } }: Config, worker: Worker): Listener[] {
  if (port === null) return [];
  try {
    return [Deno.serve({
      hostname: host,
      port,
      onListen: ({ port }) =>
        worker.log.write("info", "listening", { url: `http://${addressOf(host, port)}` }),
      onError: () => new Response(null, { status: 500 }),
    }, worker.fetch)];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot listen on ${addressOf(host, port)}: ${reason}`, { cause: error });
  }
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
  Deno.exit(1);
}
