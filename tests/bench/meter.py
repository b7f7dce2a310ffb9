"""Runs one side of a benchmark and prints what it cost: `{"cpu": s, "wall": s, "method": "..."}`.

The side prints a line when it is warm, waits for a line, does its work, prints a line, and ends when
its input does. CPU is that of every process it started, dead ones included: from a control group of
its own where this user may make one, else of the whole machine.
"""

import json
import os
import subprocess
import sys
import time

GROUP = f"bench-{os.getpid()}"


def control_group():
    """(folder, reader of CPU seconds) of a new control group, or None."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    for fields in mounts:
        kind, options = fields[fields.index("-") + 1], fields[-1].split(",")
        if kind == "cgroup2":
            reader = read_stat
        elif kind == "cgroup" and "cpuacct" in options:
            reader = read_account
        else:
            continue
        folder = f"{fields[4]}/{GROUP}"
        try:
            os.mkdir(folder)
            reader(folder)
            return folder, reader
        except OSError:
            continue
    return None


def read_stat(folder):
    """CPU seconds of a version 2 group."""
    with open(f"{folder}/cpu.stat", encoding="ascii") as file:
        return int(dict(line.split() for line in file)["usage_usec"]) / 1e6


def read_account(folder):
    """CPU seconds of a version 1 group."""
    with open(f"{folder}/cpuacct.usage", encoding="ascii") as file:
        return int(file.read()) / 1e9


def read_machine(_):
    """CPU seconds of everything on this machine."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, soft = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def main(command):
    """Measures the work of one side."""
    group = control_group()
    folder, reader = group or (None, read_machine)
    if folder is not None:
        enter = f'echo $$ > "{folder}/cgroup.procs" && exec "$@"'
        command = ["bash", "-c", enter, "bash", *command]
    side = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    expect(side)
    cpu, wall = reader(folder), time.monotonic()
    side.stdin.write(b"go\n")
    said = expect(side)
    cost = {"cpu": reader(folder) - cpu, "wall": time.monotonic() - wall, "said": said}
    side.stdin.close()
    side.wait()
    if folder is not None:
        leave(folder)
    print(json.dumps({**cost, "method": reader.__name__}))


def expect(side):
    """One line of the side; its end is a failure."""
    line = side.stdout.readline().decode().strip()
    if not line:
        sys.exit("the side ended before its work was done")
    return line


def leave(folder):
    """Removes the group once its last process is gone."""
    for _ in range(100):
        try:
            os.rmdir(folder)
            return
        except OSError:
            time.sleep(0.02)


main(sys.argv[1:])
