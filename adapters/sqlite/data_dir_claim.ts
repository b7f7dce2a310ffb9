import { join } from "node:path";

const CLAIM_FILE = "claim";

/**
 * Claims a data directory that another process owns and would give up: while the claim stands, nobody
 * who would give it up takes it either. Waits for other claims to end. The lock is the kernel's and
 * goes with the process; the file stays behind, empty, and means nothing.
 */
export async function claimDataDir(path: string): Promise<Disposable> {
  const file = await Deno.open(join(path, CLAIM_FILE), {
    create: true,
    read: true,
    write: true,
    mode: 0o600,
  });
  try {
    await file.lock(true);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Whether some process claims a data directory at this moment. */
export async function isClaimed(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(join(path, CLAIM_FILE), { read: true });
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
