"""What a run's whole process tree uses, read from the run's own /proc by its init."""

import os
import resource
import time

import wire

TICKS = os.sysconf("SC_CLK_TCK")
USED_FIELDS = slice(11, 15)


class Used:
    """CPU seconds and bytes of memory in use by the tree."""

    __slots__ = ("cpu", "memory")

    def __init__(self, cpu, memory):
        self.cpu = cpu
        self.memory = memory


class Limits:
    """When the tree is to be ended."""

    __slots__ = ("deadline", "cpu", "memory")

    def __init__(self, deadline, cpu, memory):
        self.deadline = deadline
        self.cpu = cpu
        self.memory = memory

    def wait_milliseconds(self, tick):
        """How long to sleep before looking again."""
        return max(0, min(tick, self.deadline - time.monotonic())) * 1000

    def broken_by(self, used):
        """The cause to end the run for, or None."""
        if used.memory > self.memory:
            return wire.BY_MEMORY
        if used.cpu >= self.cpu:
            return wire.BY_CPU
        if time.monotonic() >= self.deadline:
            return wire.BY_TIMEOUT
        return None


def measure(limits):
    """The tree's use now.

    Memory is first an upper bound that is cheap to read (pages shared by forked processes count
    once for each); only when that is over the limit are the pages counted by their owners' shares.
    """
    processes = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = usage.ru_utime + usage.ru_stime + sum(map(cpu_seconds, processes))
    files = temporary_files()
    memory = files + sum(resident(name) for name in processes)
    if memory > limits.memory:
        shares = [share(name) for name in processes]
        own = sum(anonymous for anonymous, _ in shares)
        memory = own + max(files, sum(shared for _, shared in shares))
    return Used(cpu, memory)


def read(path):
    """A /proc file's text; empty when its process has just ended."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(4096)
    except OSError:
        return b""


def cpu_seconds(process):
    """CPU of a living process and of the children it has waited for."""
    fields = read(f"/proc/{process}/stat").rpartition(b")")[2].split()
    return sum(map(int, fields[USED_FIELDS])) / TICKS


def resident(process):
    """Resident bytes that no file backs, at most."""
    return kilobytes(read(f"/proc/{process}/status"), b"RssAnon:", b"RssShmem:")


def share(process):
    """(anonymous, shared) bytes, each page divided by the number of its users.

    A process that hides its pages is charged for all of them.
    """
    rollup = read(f"/proc/{process}/smaps_rollup")
    if not rollup:
        return resident(process), 0
    return kilobytes(rollup, b"Pss_Anon:"), kilobytes(rollup, b"Pss_Shmem:")


def kilobytes(text, *names):
    """The sum of the named `Name: N kB` lines, in bytes."""
    total = 0
    for line in text.splitlines():
        if line.startswith(names):
            total += int(line.split()[1]) * 1024
    return total


def temporary_files():
    """Bytes held by the run's /tmp."""
    found = os.statvfs("/tmp")
    return (found.f_blocks - found.f_bfree) * found.f_frsize
