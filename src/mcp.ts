/** MCP over standard input and output, beside whatever else uses the data directory. */

import { openBridge, openOwnerSocket } from "./compose_stdio.ts";
import { withSecret } from "./compose_tokens.ts";
import { parseConfig } from "./config.ts";
import { readEnvironment, readSearchPath } from "./env.ts";
import { machineFacts } from "./machine.ts";
import { mcpTokens } from "./mcp_token.ts";
import { untilOrphaned } from "./orphan.ts";
import { OwnerSeat } from "./owner_seat.ts";
import { listenForSignals } from "./signals.ts";
import { socketFault } from "./socket_path.ts";

/** Serves until its input ends or it is told to stop. */
async function main(): Promise<void> {
  const config = parseConfig(readEnvironment(), machineFacts());
  const token = mcpTokens(config);
  const fault = socketFault(config.dataDir);
  if (fault !== null) throw new Error(`Cannot start: ${fault}`);
  await using stack = new AsyncDisposableStack();
  const told = stack.use(listenForSignals());
  const socket = openOwnerSocket(config);
  const seat = stack.use(new OwnerSeat(config, readSearchPath(), socket));
  // Before anything is answered: what keeps the service from standing is to end this command.
  await seat.take();
  const post: OwnerSeat["post"] = (post) => seat.post(post);
  const known = await withSecret(config);
  const bridge = openBridge(known, { token, post, reach: (post) => socket.post(post) }, stack);
  await Promise.race([bridge.serve(), told.signal, untilOrphaned()]);
  await bridge.close();
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
  Deno.exit(1);
}
