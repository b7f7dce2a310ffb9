"""What a run's whole process tree uses, read from /proc by its init or by the broker."""

import os
import resource
import time

import wire

TICKS = os.sysconf("SC_CLK_TCK")
USED_FIELDS = slice(11, 15)
# What one end of a full pipe or socket pair holds at most, with the kernel's own overhead.
BUFFERS = {"pipe": 32 << 10, "socket": 416 << 10}
FEW_DESCRIPTORS = 16
# The clock that the kernel means by a process's number, inverted and shifted, with this.
CPU_OF_PROCESS = 2


class Limits:
    """When the tree is to be ended. Memory is None where the kernel holds it."""

    __slots__ = ("deadline", "cpu", "memory")

    def __init__(self, deadline, cpu, memory):
        self.deadline = deadline
        self.cpu = cpu
        self.memory = memory

    def wait_milliseconds(self, tick):
        """How long to sleep before looking again."""
        return max(0, min(tick, self.deadline - time.monotonic())) * 1000

    def broken_by(self, tree):
        """The cause to end the run for, or None."""
        if self.memory is not None and tree.memory > self.memory:
            return wire.BY_MEMORY
        if tree.cpu >= self.cpu:
            return wire.BY_CPU
        if time.monotonic() >= self.deadline:
            return wire.BY_TIMEOUT
        return None


class Tree:
    """CPU seconds and bytes of memory of a run's processes, as of the last look."""

    def __init__(self, limits, processes=None, files="/tmp", inherited=0):
        self.limits = limits
        # Bytes that each process may share with the forker: none of the run's doing.
        self.inherited = inherited
        self.processes = processes or all_but_init
        self.files = files
        self.cpu = 0.0
        self.memory = 0
        self.peak = 0
        # Its own CPU seconds by process, dead ones included: nobody else counts those whose parent
        # does not wait for them.
        self.seen = {}

    def look(self):
        """Looks at every process."""
        processes = self.processes()
        self.cpu = max(self.cpu, self.cpu_used(processes))
        if self.limits.memory is not None:
            self.look_at_memory(processes)

    def look_at_memory(self, processes):
        """Memory: first an upper bound that is cheap to read (pages shared by forked processes count
        once for each); only when that is over the limit are pages counted by their owners' shares.
        """
        buffers = sum(map(buffer_bytes, processes))
        files = temporary_files(self.files)
        memory = buffers + files + sum(map(resident, processes))
        if memory > self.limits.memory:
            shares = [share(name) for name in processes]
            own = sum(anonymous for anonymous, _, _ in shares) - self.forker_part(shares)
            memory = buffers + own + max(files, sum(shared for _, shared, _ in shares))
        self.memory = memory
        self.peak = max(self.peak, memory)

    def forker_part(self, shares):
        """What those shares hold at most of the forker's pages: of a page with N users in the run at
        least one other user is the forker, so it is at most a half of each and less than one of all.
        """
        part = sum(min(self.inherited, common) for _, _, common in shares) // 2
        return min(self.inherited, part)

    def cpu_used(self, processes):
        """CPU by the kernel's count of waited-for children, or by our own of everything seen."""
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        waited = usage.ru_utime + usage.ru_stime
        for process in processes:
            own, children = cpu_seconds(process)
            self.seen[process] = max(own, self.seen.get(process, 0.0))
            waited += own + children
        return max(waited, sum(self.seen.values()))


def all_but_init():
    """Every process in sight but the first: what a run's own init looks at."""
    return [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def descendants(process):
    """All below a process, by the kernel's lists of children: what the broker looks at."""
    found = []
    for child in read(f"/proc/{process}/task/{process}/children").decode().split():
        found.append(child)
        found.extend(descendants(child))
    return found


def read(path):
    """A /proc file's text; empty when its process has just ended."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(4096)
    except OSError:
        return b""


def cpu_seconds(process):
    """CPU of a living process, and of the children that it has waited for."""
    fields = read(f"/proc/{process}/stat").rpartition(b")")[2].split()
    used = [int(ticks) / TICKS for ticks in fields[USED_FIELDS]] or [0.0] * 4
    return sum(used[:2]), sum(used[2:])


def cpu_clock(process):
    """CPU seconds of a living process, to the nanosecond."""
    return time.clock_gettime((~process << 3) | CPU_OF_PROCESS)


def buffer_bytes(process):
    """What the kernel may hold in the pipes and sockets of a process that has many descriptors."""
    folder = f"/proc/{process}/fd"
    try:
        if os.stat(folder).st_size <= FEW_DESCRIPTORS:
            return 0
        kinds = [os.readlink(f"{folder}/{name}").partition(":")[0] for name in os.listdir(folder)]
    except OSError:
        return 0
    return sum(BUFFERS.get(kind, 0) for kind in kinds)


def resident(process):
    """Resident bytes that no file backs, at most, and the tables that map them."""
    return kilobytes(read(f"/proc/{process}/status"), b"RssAnon:", b"RssShmem:", b"VmPTE:")


def share(process):
    """(anonymous, shared) bytes, each page divided by the number of its users; bytes with other users.

    A process that hides its pages is charged for all of them.
    """
    rollup = read(f"/proc/{process}/smaps_rollup")
    if not rollup:
        return resident(process), 0, 0
    anonymous = kilobytes(rollup, b"Pss_Anon:") + kilobytes(read(f"/proc/{process}/status"), b"VmPTE:")
    return anonymous, kilobytes(rollup, b"Pss_Shmem:"), kilobytes(rollup, b"Shared_Dirty:")


def kilobytes(text, *names):
    """The sum of the named `Name: N kB` lines, in bytes."""
    total = 0
    for line in text.splitlines():
        if line.startswith(names):
            total += int(line.split()[1]) * 1024
    return total


def temporary_files(folder):
    """Bytes held by the run's /tmp."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return (found.f_blocks - found.f_bfree) * found.f_frsize
