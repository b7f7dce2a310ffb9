import { dirname } from "node:path";
import type { Service } from "./compose.ts";
import { draftPath, socketFault, socketPath } from "./socket_path.ts";

/** The socket of the service in this process. Closing removes it and waits for nothing more. */
export interface OwnerListener extends AsyncDisposable {
  /** Takes nothing new and removes the socket, at once; resolves when all is answered. */
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
  }, service.fetch);
  try {
    await Deno.chmod(draft, 0o600);
    await Deno.rename(draft, path);
    await removed(folder);
  } catch (error) {
    await server.shutdown();
    throw error;
  }
  let down: Promise<void> | null = null;
  const shutdown = () => down ??= closed(server, path);
  const dispose = () => {
    void shutdown();
    return removed(path);
  };
  return { shutdown, [Symbol.asyncDispose]: dispose };
}

async function closed(server: Deno.HttpServer<Deno.UnixAddr>, path: string): Promise<void> {
  const answered = server.shutdown();
  await removed(path);
  await answered;
}

/** Nothing that others see may stay, and it may be gone already. */
async function removed(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
