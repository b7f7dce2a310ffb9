import assert from "node:assert/strict";
import type { ForkServerRunner } from "../../../adapters/sandbox/fork_server/runner.ts";
import { run } from "../../contracts/execution_runner.ts";
import { openForkServer } from "../../fixtures/fork_server.ts";
import { bash } from "../../fixtures/processes.ts";
import { programOf } from "../../fixtures/programs.ts";
import { temporaryFolder } from "../../fixtures/service.ts";

/** How each test of a module ended, by the test's name. */
export type Outcomes = ReadonlyMap<string, "passed" | "failed" | "skipped">;

/** How a module's tests ended, and what it wrote to standard error. */
export interface ModuleRun {
  readonly outcomes: Outcomes;
  readonly stderr: string;
}

const PYTHON = "/usr/bin/python3";
const ONE_MODULE = new URL("./one_module.py", import.meta.url).pathname;
const INSIDE = "/opt/suite";
const SECONDS = 60;
const LIMITS = {
  timeoutSeconds: SECONDS,
  cpuSeconds: 60,
  memoryMb: 1024,
  processes: 128,
  openFiles: 1024,
  fileSizeMb: 8192,
  outputKb: 8192,
};

/** What tests and their support Debian ships, from two packages of one version. */
const FETCH = `set -e
cd "$1"
library=$(${PYTHON} -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
for part in stdlib testsuite; do
  apt-get -qq download "lib$(basename "$library")-$part" 2>/dev/null
  dpkg-deb -x ./*"-$part"_*.deb package
done
mkdir suite
for part in test ctypes/test distutils/tests lib2to3/tests unittest/test; do
  mkdir -p "suite/$(dirname "$part")"
  cp -r "package$library/$part" "suite/$part"
done
cp '${ONE_MODULE}' .
chmod -R a+rX .
ls suite/test`;

/** A bare run as an ordinary user with the surroundings that the sandbox gives. */
const BARE = `folder=$(mktemp -d /tmp/ultimate-mcp-suite-XXXXXX)
chmod 777 "$folder"
cd "$folder"
[ "$EUID" = 0 ] && user='setpriv --reuid 54321 --regid 54321 --clear-groups'
$user env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 HOME="$folder" TMPDIR="$folder" \\
  LOGNAME=sandbox USER=sandbox timeout -k 1 ${SECONDS} ${PYTHON} -I -B "$@" </dev/null 2>stderr
printf '\\n@@ stderr\\n'
tail -c 200000 stderr
cd /
rm -rf "$folder"`;

/** CPython's own test suite, which can be run bare and inside the sandbox. */
export class PythonSuite implements AsyncDisposable {
  readonly #folder: string;
  readonly #runner: ForkServerRunner;
  readonly #opened: AsyncDisposableStack;
  /** The names of all modules, such as `test_int`. */
  readonly modules: readonly string[];

  private constructor(
    folder: string,
    runner: ForkServerRunner,
    modules: readonly string[],
    opened: AsyncDisposableStack,
  ) {
    this.#folder = folder;
    this.#runner = runner;
    this.modules = modules;
    this.#opened = opened;
  }

  /** Fetches the suite of this machine's Python through apt-get, and opens a sandbox that shows it. */
  static async open(): Promise<PythonSuite> {
    await using opened = new AsyncDisposableStack();
    const { path } = opened.use(await temporaryFolder());
    const listing = await bash("-c", FETCH, "-", path);
    const names = listing.split("\n").map((name) => name.replace(/\.py$/, ""));
    const modules = names.filter((name) => /^test_\w+$/.test(name));
    assert.ok(modules.length > 300, "apt-get could not bring the test suite");
    const runner = opened.use(await openForkServer({ shown: { [`${path}/suite`]: INSIDE } }));
    return new PythonSuite(path, runner, modules, opened.move());
  }

  /** Runs a module as the bare interpreter does. */
  async bare(module: string): Promise<ModuleRun> {
    const words = [`${this.#folder}/one_module.py`, `${this.#folder}/suite`, module];
    const [stdout = "", stderr = ""] = (await bash("-c", BARE, "-", ...words)).split("@@ stderr");
    return { outcomes: outcomesIn(stdout, module), stderr };
  }

  /** Runs a module inside the sandbox. */
  async sandboxed(module: string): Promise<ModuleRun> {
    const code = await Deno.readTextFile(ONE_MODULE);
    const request = programOf("python", code, { args: [INSIDE, module], limits: LIMITS });
    const { stdout, stderr, outcome } = await run(this.#runner, request);
    return { outcomes: outcomesIn(stdout, module), stderr: `${stderr}\n${outcome}` };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** Reads what `one_module.py` said. A test that was told of twice has failed if it has once. */
function outcomesIn(stdout: string, module: string): Outcomes {
  const outcomes = new Map<string, "passed" | "failed" | "skipped">();
  outcomes.set(`${module} ends by itself`, "failed");
  for (const [, outcome, name = ""] of stdout.matchAll(/^@ (\w+) (.*)$/gm)) {
    if (outcome === "end") outcomes.set(`${module} ends by itself`, "passed");
    else if (outcome === "failed") outcomes.set(name, "failed");
    else if (outcome === "skipped") outcomes.set(name, outcomes.get(name) ?? "skipped");
    else outcomes.set(name, outcomes.get(name) ?? "passed");
  }
  return outcomes;
}

/** The tests that pass outside and do not pass inside. */
export function missedInside(outside: Outcomes, inside: Outcomes): string[] {
  return [...outside].filter(([, outcome]) => outcome === "passed")
    .map(([name]) => name).filter((name) => inside.get(name) !== "passed");
}
