import { dirname } from "node:path";
import type { Service } from "./compose.ts";
import { draftPath, socketFault, socketPath } from "./socket_path.ts";

/** What has connected when the socket goes is read within this. */
const LAST_READ_MS = 100;

/** The socket of the service in this process. Closing removes it and waits for nothing more. */
export interface OwnerListener extends AsyncDisposable {
  /**
   * Removes the socket: who comes now waits for the next owner. Resolves when whoever came before has
   * been read, so that nobody is turned away who cannot tell whether it was taken.
   */
  hide(): Promise<void>;
  /** Takes nothing more; resolves when all is answered. */
  shutdown(): Promise<void>;
}

/**
 * Serves the owner's HTTP surface on the socket of its data directory, to this user alone (mode 0600).
 *
 * Only the directory's owner may call this: what a killed owner has left is replaced. The socket is
 * made in a folder that nobody else can enter and moved into place, so that it never stands there with
 * another mode.
 *
 * @throws {Error} where there cannot be one.
 */
export async function listenOnSocket(dataDir: string, service: Service): Promise<OwnerListener> {
  const fault = socketFault(dataDir);
  if (fault !== null) throw new Error(`Cannot listen in '${dataDir}': ${fault}`);
  const [path, draft] = [socketPath(dataDir), draftPath(dataDir)];
  const folder = dirname(draft);
  await removed(folder);
  await Deno.mkdir(folder, { mode: 0o700 });
  const server = Deno.serve({
    path: draft,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, (request, info) => service.fetch(request, info));
  try {
    await Deno.chmod(draft, 0o600);
    await Deno.rename(draft, path);
    await removed(folder);
  } catch (error) {
    await server.shutdown();
    throw error;
  }
  return listenerOn(server, path);
}

function listenerOn(server: Deno.HttpServer<Deno.UnixAddr>, path: string): OwnerListener {
  let down: Promise<void> | null = null;
  const shutdown = () => down ??= server.shutdown();
  return {
    shutdown,
    async hide(): Promise<void> {
      await removed(path);
      await new Promise((resolve) => setTimeout(resolve, LAST_READ_MS));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      void shutdown();
      await removed(path);
    },
  };
}

/** Nothing that others see may stay, and it may be gone already. */
async function removed(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
