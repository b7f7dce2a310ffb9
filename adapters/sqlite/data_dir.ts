import { join } from "node:path";
import type { Clock } from "../../domain/ports/clock.ts";

const LOCK_FILE = "lock";
/** What the lock says of a holder that gives the directory up to whoever claims it. */
const YIELDS = "giving way to a service";
/**
 * The file is empty for the moment between a lock and its writing, and between its emptying and the
 * lock's end: it is looked at again, so often.
 */
const LOOK_AGAIN_MS = 20;
const MOST_LOOKS = 50;

/** A data directory that this process owns until it closes it. */
export interface DataDir extends AsyncDisposable {
  readonly path: string;
}

/** Another process owns the data directory. */
export class DataDirHeld extends Error {
  /** Whether its holder gives it up once it is claimed. */
  readonly yields: boolean;

  constructor(path: string, holder: string) {
    const who = holder === "" ? "another process holds it" : `${holder}, holds it`;
    super(`Cannot open data directory '${path}': ${who}`);
    this.name = "DataDirHeld";
    this.yields = holder.endsWith(YIELDS);
  }
}

/** Whose the data directory is to be. */
export interface DataDirOptions {
  readonly path: string;
  /** Where this process listens (`127.0.0.1:8000`), told to whoever asks for the directory next. */
  readonly holder: string;
  /** Whether this process gives it up once another claims it. Default: it does not. */
  readonly yields?: boolean;
  readonly clock: Clock;
}

/**
 * Takes a data directory for this process alone, making it (mode 0700) when absent. The mode of one
 * that is there already is left as it is.
 *
 * The lock is the kernel's (`flock` on the file `lock`): it goes with the process, however that ends.
 * The file stays behind and means nothing by itself; what it says is for people. It binds processes
 * of one machine: a directory that several machines share is not protected.
 *
 * @throws {DataDirHeld} "Cannot open data directory ...", saying who holds it.
 * @throws {Error} "Cannot open data directory ...", saying why else.
 */
export async function openDataDir(options: DataDirOptions): Promise<DataDir> {
  const { path, holder, yields = false, clock } = options;
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    const since = new Date(clock.now()).toISOString();
    const until = yields ? `, ${YIELDS}` : "";
    const us = `process ${Deno.pid}, listening on ${holder} since ${since}${until}`;
    return { path, ...await takeLock(path, us) };
  } catch (error) {
    if (error instanceof DataDirHeld) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open data directory '${path}': ${reason}`, { cause: error });
  }
}

/** Locks the file and writes into it who did. */
async function takeLock(dataDir: string, holder: string): Promise<AsyncDisposable> {
  const path = join(dataDir, LOCK_FILE);
  const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  try {
    for (let looks = 1; !await file.tryLock(true); looks += 1) {
      const other = await Deno.readTextFile(path);
      if (other !== "" || looks === MOST_LOOKS) throw new DataDirHeld(dataDir, other);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    await Deno.writeTextFile(path, holder);
  } catch (error) {
    file.close();
    throw error;
  }
  return lockOn(file);
}

/** Emptied first, so that whoever takes the lock next is not confused with this process. */
function lockOn(file: Deno.FsFile): AsyncDisposable {
  let held = true;
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      if (!held) return;
      held = false;
      try {
        await file.truncate(0);
      } finally {
        file.close();
      }
    },
  };
}
