"""Deno's own runner in a child of the harness.

Deno tells of each test in TAP on its standard output, where nothing of the tests' can come: Deno takes what
they write, and of that TAP has nothing. What Deno does not tell (which test began, what the tests write, an
error that no test caught) a script tells that runs before them, through a pipe with a name.
"""

import os

REPORTS_ON_OUTPUT = True
WORK = "/tmp/work"
SCRIPT, PIPE = f"{WORK}/deno_side.js", f"{WORK}/told"
# Without a folder of its own that it can write, Deno keeps its caches in memory.
ENVIRONMENT = {"DENO_DIR": "/dev/null/deno", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
OPTIONS = (
    "--quiet", "--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--cached-only",
    f"--allow-read={WORK},/tmp", f"--allow-write={WORK},/tmp", "--allow-env", "--reporter=tap",
    f"--preload={SCRIPT}",
)


def prepare(order, secret):
    """See pytest_side.py."""
    os.mkfifo(PIPE, 0o600)
    # Held open for writing too: it has no end as long as this process reads it.
    reader = os.open(PIPE, os.O_RDWR | os.O_NONBLOCK)
    with open(SCRIPT, encoding="utf-8") as file:
        text = file.read()
    os.unlink(SCRIPT)
    with open(SCRIPT, "x", encoding="utf-8") as file:
        file.write(text.replace("@SECRET@", secret))
    heap = f"--v8-flags=--max-old-space-size={order['heap_mb']}"
    command = [order["deno"], "test", *OPTIONS, heap]
    environment = {**os.environ, **ENVIRONMENT}
    return reader, (), lambda: os.execve(command[0], command, environment)
