"""How each JavaScript runtime is started: command line, memory setting, environment, and ahead of its program."""

FOLDER = "/opt/javascript/"
MAIN = "main.js"
WORK = "/tmp/work"
# What each reserves without using; it cannot start below. Bun takes a gibibyte at once wherever it may,
# and ends if too little is left.
RESERVES = {"deno": 640 << 20, "node": 640 << 20, "bun": 2 << 30}
THREADS = 16
HEADROOM_MB, LEAST_MB = 48, 16
# Without a folder of its own that it can write, Deno keeps its caches in memory: they live for one run.
ENVIRONMENTS = {
    "deno": {"DENO_DIR": "/dev/null/deno", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"},
    "node": {"NO_COLOR": "1", "NODE_DISABLE_COLORS": "1"},
    "bun": {"NO_COLOR": "1", "DO_NOT_TRACK": "1", "BUN_RUNTIME_TRANSPILER_CACHE_PATH": "0"},
}
DENO_OPTIONS = (
    "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--no-check",
    "--cached-only", "--no-code-cache", f"--allow-read={WORK},/tmp", f"--allow-write={WORK},/tmp",
    "--allow-env",
)


class Runtime:
    """The one runtime of this server. `name` is deno, node or bun."""

    def __init__(self, name):
        self.name = name
        self.path = FOLDER + name
        self.environment = ENVIRONMENTS[name]
        self.reserve = RESERVES[name]

    def command(self, memory, ahead):
        """What to execute, but for the program's own arguments. `ahead`: its program is yet to come."""
        heap = max(LEAST_MB, (memory >> 20) - HEADROOM_MB)
        if self.name == "deno":
            preload = [f"--preload={FOLDER}ahead.js"] if ahead else []
            heap_flag = f"--v8-flags=--max-old-space-size={heap}"
            return [self.path, "run", *DENO_OPTIONS, heap_flag, *preload, MAIN]
        if self.name == "node":
            preload = [f"--require={FOLDER}ahead.cjs"] if ahead else []
            heap_flag = f"--max-old-space-size={heap}"
            return [self.path, "--experimental-detect-module", heap_flag, *preload, MAIN]
        # Bun has no setting for its heap: the accounting of the whole tree holds it.
        return [self.path, "run", "--no-install", "--smol", MAIN]


# The forker sets it once, before it serves.
chosen = Runtime("deno")


def choose(places):
    """Takes the runtime among the places inside that host files are shown at."""
    global chosen
    names = [place[len(FOLDER):] for place in places if place.startswith(FOLDER)]
    chosen = Runtime(next(name for name in names if name in ENVIRONMENTS))
