import { stateFile } from "./places.ts";
import { freePort } from "./ports.ts";
import { isAlive, killProcess, startDetached } from "./processes.ts";
import { type ServiceKind, serviceKinds } from "./service_kinds.ts";
import {
  readState,
  SERVICE_NAMES,
  type ServiceName,
  type ServiceState,
  type StartedService,
  writeState,
} from "./state.ts";

/** A service that answers. */
export interface ReadyService extends StartedService {
  readonly name: ServiceName;
  /** Whether this call started it. */
  readonly started: boolean;
}

/** On two busy cores a Neo4j is ready after 10 to 30 s. */
const READY_SECONDS = 120;
const PAUSE_MS = 100;

/**
 * Starts those of the services that do not run yet, all at once, and waits until each of them
 * answers. Services that were recorded and have died since are started afresh.
 *
 * @throws {AggregateError} of a reason for each that cannot be had; the others run.
 */
export async function startServices(
  root: string,
  names: readonly ServiceName[],
  kinds: Readonly<Record<ServiceName, ServiceKind>> = serviceKinds(root),
): Promise<ReadyService[]> {
  using set = await openSet(root);
  const settled = await Promise.allSettled(
    [...new Set(names)].map((name) => startService(set, name, kinds[name])),
  );
  const failed = settled.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
  if (failed.length > 0) {
    throw new AggregateError(failed, failed.map(({ message }) => message).join("\n"));
  }
  return settled.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
}

/** Ends every service of the set that runs, and forgets all data. Gives the names of the ended. */
export async function stopServices(root: string): Promise<ServiceName[]> {
  using set = await openSet(root);
  const names = SERVICE_NAMES.filter((name) => set.known(name) !== null);
  const ended = await Promise.all(names.map(async (name) => await stopService(set, name)));
  return names.filter((_, at) => ended[at]);
}

/** The state while this process alone works on it. */
interface ServiceSet extends Disposable {
  readonly root: string;
  known(name: ServiceName): StartedService | null;
  /** Resolves when it is on the disk. */
  record(name: ServiceName, service: StartedService | null): Promise<void>;
}

/** Waits until no other process works on the set. The kernel frees the lock of one that dies. */
async function openSet(root: string): Promise<ServiceSet> {
  await Deno.mkdir(root, { recursive: true });
  const lock = await Deno.open(`${root}/lock`, { create: true, write: true });
  await lock.lock(true);
  let state: ServiceState = await readState(stateFile(root));
  let writing = Promise.resolve();
  return {
    root,
    known: (name) => state[name] ?? null,
    record(name, service) {
      const { [name]: _, ...others } = state;
      state = service === null ? others : { ...others, [name]: service };
      return writing = writing.then(() => writeState(stateFile(root), state));
    },
    [Symbol.dispose]: () => lock.close(),
  };
}

async function startService(
  set: ServiceSet,
  name: ServiceName,
  kind: ServiceKind,
): Promise<ReadyService> {
  const known = set.known(name);
  if (known !== null && await isAlive(known.process)) {
    await becomeReady(set, name, { service: known, kind });
    return { name, started: false, ...known };
  }
  const folder = `${set.root}/${name}`;
  await removeFolder(folder);
  await Deno.mkdir(folder);
  const port = freePort(Math.random());
  const { command, password } = await kind.prepare({ folder, port });
  const process = await startDetached(command, logOf(set.root, name));
  const service = { process, port, password };
  await set.record(name, service);
  await becomeReady(set, name, { service, kind });
  return { name, started: true, ...service };
}

/** @throws {Error} with the end of its log when it dies or does not answer in time. */
async function becomeReady(
  set: ServiceSet,
  name: ServiceName,
  { service, kind }: { readonly service: StartedService; readonly kind: ServiceKind },
): Promise<void> {
  const until = performance.now() + READY_SECONDS * 1000;
  while (!await kind.isReady(service)) {
    const alive = await isAlive(service.process);
    if (alive && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      continue;
    }
    const why = alive ? `no answer within ${READY_SECONDS} s` : "it ended";
    const log = await lastLines(logOf(set.root, name)) +
      await lastLines(`${set.root}/${name}/logs/neo4j.log`);
    await stopService(set, name);
    throw new Error(`Cannot start ${name}: ${why}\n${log}`);
  }
}

/** Ends a service and forgets it; `false` when it had ended already. */
async function stopService(set: ServiceSet, name: ServiceName): Promise<boolean> {
  const service = set.known(name);
  if (service === null) return false;
  const alive = await isAlive(service.process);
  // Its data go with it, so that nothing is to be brought to an end: Neo4j would take 10 s for that.
  if (alive) await killProcess(service.process);
  await removeFolder(`${set.root}/${name}`);
  await set.record(name, null);
  return alive;
}

function logOf(root: string, name: ServiceName): string {
  return `${root}/${name}.log`;
}

/** Empty where there is no such file. */
async function lastLines(path: string): Promise<string> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.trimEnd().split("\n").slice(-15).join("\n");
}

async function removeFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
