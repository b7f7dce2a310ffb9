"""The baseline: cold spawns of a bare interpreter, N in all, C at once, by the cheapest spawn there is.

Usage: bare_side.py N C COMMAND ... Prints a line when warm, waits for one, works, prints the median
latency in seconds.
"""

import os
import statistics
import sys
import time

TOTAL, AT_ONCE, COMMAND = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
EXPECTED = b"1\n"


def spawn():
    """Starts one; (pid, reading end, start)."""
    reader, writer = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_CLOSE, reader)]
    started = time.monotonic()
    pid = os.posix_spawn(COMMAND[0], COMMAND, os.environ, file_actions=actions)
    os.close(writer)
    return pid, reader, started


def finish(pid, reader, started):
    """Waits for one; its latency."""
    output = b""
    while chunk := os.read(reader, 4096):
        output += chunk
    os.close(reader)
    os.waitpid(pid, 0)
    if output != EXPECTED:
        sys.exit(f"the bare interpreter printed {output!r}")
    return time.monotonic() - started


def work(total):
    """`total` runs, `AT_ONCE` at once, first come first collected."""
    running, latencies = [], []
    for _ in range(total):
        running.append(spawn())
        if len(running) == AT_ONCE:
            latencies.append(finish(*running.pop(0)))
    latencies.extend(finish(*run) for run in running)
    return statistics.median(latencies)


work(min(TOTAL, 10))
print("warm", flush=True)
sys.stdin.readline()
print(work(TOTAL), flush=True)
sys.stdin.read()
