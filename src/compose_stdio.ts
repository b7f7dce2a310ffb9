import { type BridgeParts, StdioBridge } from "../adapters/stdio/bridge.ts";
import { OwnerSocket } from "../adapters/stdio/owner_socket.ts";
import { openLog } from "./compose_log.ts";
import type { Config } from "./config.ts";
import { SOCKET_HOST, socketPath } from "./socket_path.ts";

export { NobodyListens, type OwnerSocket, type Post } from "../adapters/stdio/owner_socket.ts";

/** The way to whoever owns the data directory. */
export function openOwnerSocket({ dataDir }: Config): OwnerSocket {
  return new OwnerSocket(socketPath(dataDir), SOCKET_HOST);
}

/**
 * A message over the owner's limit is sent all the same, up to this many times of it: the owner's
 * refusal is an answer with the request's id, which a line that was not read has not.
 */
const READ_SHARE = 4;

/** MCP over this process' standard input and output. */
export function openBridge(
  config: Config,
  parts: Pick<BridgeParts, "post" | "reach" | "token">,
  stack: AsyncDisposableStack,
): StdioBridge {
  return new StdioBridge({
    ...parts,
    input: Deno.stdin.readable,
    output: Deno.stdout.writable,
    mostBytes: config.maxBodyBytes * READ_SHARE,
    log: stack.use(openLog(config)),
  });
}
