import { join, resolve } from "node:path";

/**
 * Deno asks for permission by a URL's host, though its client connects to nothing but the socket. No
 * browser or service uses this port.
 */
export const SOCKET_HOST = "localhost:2";

/** Linux has room for so many bytes in a unix socket's address, beside the NUL that ends it. */
const MOST_PATH_BYTES = 107;

/** Where the owner of a data directory listens. */
export function socketPath(dataDir: string): string {
  return join(resolve(dataDir), "service.sock");
}

/** Where that socket is made, before anybody can know of it. */
export function draftPath(dataDir: string): string {
  return join(resolve(dataDir), "sock.new", "s");
}

/** What keeps a data directory from having a socket; `null` when nothing does. */
export function socketFault(dataDir: string): string | null {
  const path = socketPath(dataDir);
  const bytes = new TextEncoder().encode(path).length;
  if (bytes <= MOST_PATH_BYTES) return null;
  return `its socket's path '${path}' has ${bytes} bytes, and Linux takes ${MOST_PATH_BYTES}: ` +
    "choose a shorter DATA_DIR";
}
