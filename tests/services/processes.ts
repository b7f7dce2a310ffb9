/** One process, told apart from any later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The kernel's clock ticks from boot to its start. */
  readonly ticks: string;
  /** The kernel's id of the boot that it belongs to. */
  readonly boot: string;
}

/** What is sent to services. */
export type Signal = "TERM" | "KILL" | "STOP" | "CONT";

/** A process that is killed when it is disposed of, or when this process ends in any way. */
export interface AttachedProcess extends AsyncDisposable {
  readonly identity: ProcessIdentity;
}

const SCRIPT = new URL("./processes.sh", import.meta.url).pathname;
const PAUSE_MS = 50;
const KILL_SECONDS = 20;

/**
 * Starts a program in a session of its own, so that it outlives this process. What it prints goes to
 * the file `log`.
 *
 * @throws {Error} when it ends before it can be recognised again.
 */
export async function startDetached(
  command: readonly string[],
  log: string,
): Promise<ProcessIdentity> {
  const args = [SCRIPT, "start", log, ...command];
  const { stdout } = await new Deno.Command("bash", { args, stderr: "inherit" }).output();
  return identityOf(new TextDecoder().decode(stdout), command, log);
}

/** Starts a program that ends with this process. What it prints goes to the file `log`. */
export async function startAttached(
  command: readonly string[],
  log: string,
): Promise<AttachedProcess> {
  const args = [SCRIPT, "attached", log, ...command];
  const keeper = new Deno.Command("bash", {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const said = await keeper.stdout.text();
  let ending: Promise<unknown> | null = null;
  const end = async () => void await (ending ??= keeper.stdin.close().then(() => keeper.status));
  try {
    return { identity: identityOf(said, command, log), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Whether that very process runs; one that is stopped does, one that nobody has reaped does not. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  return await script("alive", ...words(process));
}

/** Sends a signal; `false` when that very process has ended. */
export async function signal(process: ProcessIdentity, name: Signal): Promise<boolean> {
  return await script("signal", name, ...words(process));
}

/** Ends a process by SIGTERM, and by SIGKILL when it has not ended after `seconds`. */
export async function endProcess(process: ProcessIdentity, seconds: number): Promise<void> {
  await signal(process, "TERM");
  // A stopped one hears nothing else.
  await signal(process, "CONT");
  if (!await hasEnded(process, seconds)) await killProcess(process);
}

/** Ends a process by SIGKILL. */
export async function killProcess(process: ProcessIdentity): Promise<void> {
  await signal(process, "KILL");
  if (!await hasEnded(process, KILL_SECONDS)) {
    throw new Error(`Cannot end process ${process.pid}: it outlives SIGKILL`);
  }
}

async function hasEnded(process: ProcessIdentity, seconds: number): Promise<boolean> {
  const until = performance.now() + seconds * 1000;
  while (await isAlive(process)) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return true;
}

async function script(...args: readonly string[]): Promise<boolean> {
  return (await new Deno.Command("bash", { args: [SCRIPT, ...args] }).output()).success;
}

function words({ pid, ticks, boot }: ProcessIdentity): string[] {
  return [`${pid}`, ticks, boot];
}

function identityOf(printed: string, command: readonly string[], log: string): ProcessIdentity {
  const [, pid, ticks, boot] = /^(\d+) (\d+) (\S+)\n$/.exec(printed) ?? [];
  if (pid === undefined || ticks === undefined || boot === undefined) {
    throw new Error(`Cannot start '${command[0]}': it ended at once; see ${log}`);
  }
  return { pid: Number(pid), ticks, boot };
}
