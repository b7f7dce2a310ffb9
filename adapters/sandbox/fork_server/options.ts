import type { Log } from "../../../domain/ports/log.ts";
import { type JavascriptRuntime, placesOf } from "./javascript_runtime.ts";

const BROKER = new URL("./python/broker.py", import.meta.url).pathname;

/** Runs the broker under a name that shows a run no path of the host. */
const START = "import sys; exec(compile(open(sys.argv[1]).read(), '<sandbox>', 'exec'))";

/** What tests change of a server in order to see that its walls are missed. No setting leads here. */
export interface Trial {
  /** Started by root, the server becomes this ordinary user first: its uid and gid. */
  readonly id?: number;
  /** The broker's file, where that user cannot read the product's own. */
  readonly broker?: string;
  /** Layers to leave out, by their names in receipts. */
  readonly without?: readonly string[];
}

/** Has every run start in a container of its own instead of a fork. */
export interface ContainerOptions {
  /** The runner's name in receipts. */
  readonly kind: "bubblewrap" | "oci";
  /** Programs by path or by name on `PATH`: the first that is there starts the containers. */
  readonly runtimes: readonly string[];
  /** A folder of the host that holds another root file system for runs, with a `python3` in it. */
  readonly rootfs?: string;
}

/** How a server is started. */
export interface ServerOptions {
  /** The Python that serves, and whose own file every Python run sees. */
  readonly python: string;
  /** The JavaScript runtime, its file shown read-only inside. */
  readonly javascript: JavascriptRuntime;
  /** What the Python may need to find itself: `PATH` and `HOME`. Runs never see it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  /** A folder of Python packages on this host, shown read-only inside; it need not be there. */
  readonly packages?: string;
  /** Modules to import before any run; `null` or absent: the usual ones that are there. */
  readonly preload?: readonly string[] | null;
  /** More of the host's files and folders that runs see, read-only: host path → place inside. */
  readonly shown?: Readonly<Record<string, string>>;
  /** Fork every run plainly, as on hosts that refuse the faster way. */
  readonly plain?: boolean;
  readonly container?: ContainerOptions;
  readonly trial?: Trial;
}

/** What receipts call the runner of a server that is started so. */
export function runnerName({ container }: ServerOptions): string {
  return container?.kind ?? "fork-server";
}

/** The words that the Python of a server is started with. */
export function argumentsOf(options: ServerOptions): string[] {
  const { javascript, packages, preload, shown = {}, plain, trial = {} } = options;
  const start = trial.id === undefined ? START : `${becoming(trial.id)}; ${START}`;
  return [
    ...["-I", "-S", "-B", "-c", start, trial.broker ?? BROKER],
    ...placesOf(javascript),
    ...(packages === undefined ? [] : [`${packages}=/opt/python`]),
    ...(preload === undefined || preload === null ? [] : [`preload:${preload.join(",")}`]),
    ...Object.entries(shown).map(([path, place]) => `${path}=${place}`),
    ...(plain === true ? ["plain"] : []),
    ...(options.container === undefined ? [] : containerWords(options.container, options)),
    ...(trial.without ?? []).map((layer) => `without:${layer}`),
  ];
}

/** See `python/containers.py`. */
function containerWords(
  { kind, runtimes, rootfs }: ContainerOptions,
  { environment }: ServerOptions,
): string[] {
  return [
    `container:${kind}`,
    `runtime:${runtimes.join(",")}`,
    `search:${environment["PATH"] ?? "/usr/bin:/bin"}`,
    ...(rootfs === undefined ? [] : [`rootfs:${rootfs}`]),
  ];
}

/** The broker starts itself anew with a clean environment, so this is done once and passed once. */
function becoming(id: number): string {
  const calls =
    `(os.setgroups([]), os.setresgid(${id}, ${id}, ${id}), os.setresuid(${id}, ${id}, ${id}))`;
  return `import os; os.geteuid() or ${calls}`;
}
