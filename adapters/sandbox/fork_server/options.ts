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

/** How a server is started. */
export interface ServerOptions {
  /** The Python that serves, and whose own file every Python run sees. */
  readonly python: string;
  /** The JavaScript runtime, its file shown read-only inside. */
  readonly javascript: JavascriptRuntime;
  /** What the Python may need to find itself: `PATH` and `HOME`. Runs never see it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  /** More of the host's files and folders that runs see, read-only: host path → place inside. */
  readonly shown?: Readonly<Record<string, string>>;
  /** Fork every run plainly, as on hosts that refuse the faster way. */
  readonly plain?: boolean;
  readonly trial?: Trial;
}

/** The words that the Python of a server is started with. */
export function argumentsOf(
  { javascript, shown = {}, plain, trial = {} }: ServerOptions,
): string[] {
  const start = trial.id === undefined ? START : `${becoming(trial.id)}; ${START}`;
  return [
    ...["-I", "-S", "-B", "-c", start, trial.broker ?? BROKER],
    ...placesOf(javascript),
    ...Object.entries(shown).map(([path, place]) => `${path}=${place}`),
    ...(plain === true ? ["plain"] : []),
    ...(trial.without ?? []).map((layer) => `without:${layer}`),
  ];
}

/** The broker starts itself anew with a clean environment, so this is done once and passed once. */
function becoming(id: number): string {
  const calls =
    `(os.setgroups([]), os.setresgid(${id}, ${id}, ${id}), os.setresuid(${id}, ${id}, ${id}))`;
  return `import os; os.geteuid() or ${calls}`;
}
