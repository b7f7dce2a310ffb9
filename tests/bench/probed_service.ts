import { eventually } from "../fixtures/eventually.ts";
import { signalProcess } from "../fixtures/kill.ts";
import {
  type Settings,
  type StartedService,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";

const PROBE = new URL("./lag_probe.ts", import.meta.url).pathname;

/** The longest that an event loop was late, in milliseconds, and its process's CPU meanwhile. */
export interface Lag {
  readonly late: number;
  readonly busy: number;
}

/** A service whose event loop can be asked how late it was. */
export interface ProbedService extends AsyncDisposable {
  readonly service: StartedService;
}

/** Starts the service with the probe in it. */
export async function startProbedService(settings: Settings): Promise<ProbedService> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await probedDeno());
  const deno = ["bash", "-c", 'PATH="$0:$PATH" exec deno "$@"', folder.path];
  const service = stack.use(await startService({ LOG_FORMAT: "json", ...settings }, { deno }));
  const held = stack.move();
  return { service, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** A folder with a `deno` that loads the probe before the service, and is Deno for all else. */
async function probedDeno(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await temporaryFolder();
  const script = `#!/bin/bash
case " $* " in *"/src/main.ts "*) exec '${Deno.execPath()}' run --preload '${PROBE}' "\${@:2}" ;; esac
exec '${Deno.execPath()}' "$@"
`;
  await Deno.writeTextFile(`${folder.path}/deno`, script, { mode: 0o755 });
  return folder;
}

/** How late its event loop was at worst since it was last asked. */
export async function lagOf(service: StartedService): Promise<Lag> {
  const told = () => [...service.log.matchAll(/^lag (.*)$/gm)];
  const before = told().length;
  await signalProcess(service.pid, "USR2");
  const line = await eventually("the probe's word", () => told()[before]?.[1] ?? null);
  return JSON.parse(line);
}
