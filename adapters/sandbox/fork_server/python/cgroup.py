"""The kernel's own account of a run's tree, where a cgroup v2 folder is ours to divide.

Below the folder that was given to us each broker makes one of its own:

    ultimate-mcp-<pid>/            the forkers enter their cgroup namespace here, and so see no more
    ultimate-mcp-<pid>/forkers/    where they live then: a cgroup that is divided may hold no process
    ultimate-mcp-<pid>/run-<n>/    one run's program and all that it starts, one run after the other

A run's init stays with the forkers: it shares their memory, and must not end with its program.
"""

import errno
import os

import delegation
import kernel

PREFIX, FORKERS, TRIAL = "ultimate-mcp-", "forkers", "trial"
# Below this what a run has left charged (the kernel charges in batches) does not blur the next one's peak.
LEFT_OVER = 1 << 20


class Groups:
    """One broker's own folder: made before the forkers are, divided once they stand."""

    def __init__(self, above, pid, owner):
        """`owner`: the uid that starts programs, when it is not this process's own."""
        self.folder = f"{above}/{PREFIX}{pid}"
        self.owner = owner
        self.idle, self.leaving = [], []
        self.made = 0

    @classmethod
    def prepare(cls, owner):
        """The folder of this process, ready for forkers to join; None where none was given to us."""
        found = delegation.own()
        above = delegation.home(*found) if found is not None else None
        if above is None:
            return None
        groups = cls(above, os.getpid(), owner)
        try:
            sweep(above)
            delegation.divide(above, above == found[1])
            groups.make(groups.folder)
            groups.make(f"{groups.folder}/{TRIAL}")
        except OSError:
            groups.close()
            return None
        return groups

    def make(self, folder):
        """A folder into which `owner` may start programs."""
        os.mkdir(folder)
        if self.owner is not None:
            os.chown(f"{folder}/cgroup.procs", self.owner, -1)

    def trial(self):
        """A descriptor of a folder to try starting a program in."""
        return os.open(f"{self.folder}/{TRIAL}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def settle(self):
        """Makes the folder ready for runs; False where this host cannot hold them; `close` then clears it."""
        try:
            self.remove(f"{self.folder}/{TRIAL}")
            os.mkdir(f"{self.folder}/{FORKERS}")
            delegation.empty(self.folder, f"{self.folder}/{FORKERS}")
            delegation.divide(self.folder, False)
            self.release(self.take(1 << 30, 64))
        except OSError:
            return False
        return True

    def take(self, memory, processes):
        """A group for one run: its bytes of memory and its processes and threads, at most."""
        self.look()
        group = self.idle.pop() if self.idle else self.new_group()
        group.begin(memory, processes)
        return group

    def new_group(self):
        """One more group."""
        self.made += 1
        folder = f"{self.folder}/run-{self.made}"
        self.make(folder)
        return Group(folder)

    def release(self, group):
        """Takes a group back. Whatever still lives in it ends."""
        if not group.is_empty():
            group.kill()
        self.leaving.append(group)
        self.look()

    def look(self):
        """Keeps the groups that were left clean, and removes the others once nobody is in them."""
        waiting, self.leaving = self.leaving, []
        for group in waiting:
            if not group.is_empty():
                self.leaving.append(group)
            elif group.is_clean():
                self.idle.append(group)
            else:
                group.close()
                self.remove(group.folder)

    def remove(self, folder):
        """Removes a folder; one that the kernel still holds goes when this broker ends, or the next."""
        try:
            os.rmdir(folder)
        except OSError:
            pass

    def close(self):
        """Ends everybody in the folder and removes it, as far as the kernel lets go at once."""
        delegation.clear(self.folder)


class Group:
    """One run's cgroup, with what is read of it kept open."""

    def __init__(self, folder):
        self.folder = folder
        if not os.path.exists(f"{folder}/cgroup.kill"):
            raise OSError(errno.ENOSYS, "this kernel cannot end a cgroup")
        self.descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        kernel.write_file(f"{folder}/memory.oom.group", b"1\n")
        if os.path.exists(f"{folder}/memory.swap.max"):
            kernel.write_file(f"{folder}/memory.swap.max", b"0\n")
        self.peaks, self.can_reset = self.open_peak()
        self.events = os.open(f"{folder}/memory.events", os.O_RDONLY | os.O_CLOEXEC)
        self.state = os.open(f"{folder}/cgroup.events", os.O_RDONLY | os.O_CLOEXEC)
        self.kills = 0

    def open_peak(self):
        """(the peak's file, whether it can be counted anew: for this very descriptor, from 6.12 on)."""
        path = f"{self.folder}/memory.peak"
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC), True
        except OSError:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC), False

    def begin(self, memory, processes):
        """Sets a run's limits and counts from here."""
        kernel.write_file(f"{self.folder}/memory.max", b"%d\n" % memory)
        kernel.write_file(f"{self.folder}/pids.max", b"%d\n" % processes)
        self.kills = self.count_kills()
        if self.can_reset:
            try:
                os.write(self.peaks, b"0\n")
            except OSError:
                self.can_reset = False

    def count_kills(self):
        """How many processes the kernel has ended here for want of memory."""
        fields = dict(line.split() for line in os.pread(self.events, 4096, 0).splitlines())
        return int(fields.get(b"oom_kill", 0))

    def ran_out(self):
        """Whether the kernel ended this run for want of memory."""
        return self.count_kills() > self.kills

    def peak(self):
        """The most bytes that the run's processes held together."""
        return int(os.pread(self.peaks, 64, 0))

    def is_empty(self):
        """Whether no process is left."""
        return b"populated 0" in os.pread(self.state, 4096, 0)

    def is_clean(self):
        """Whether the next run could be told apart from this one."""
        left = sum(map(int, delegation.lines(f"{self.folder}/memory.current")))
        return self.can_reset and left <= LEFT_OVER

    def kill(self):
        """Ends every process."""
        kernel.write_file(f"{self.folder}/cgroup.kill", b"1\n")

    def close(self):
        """Lets go of the descriptors."""
        for descriptor in (self.descriptor, self.peaks, self.events, self.state):
            os.close(descriptor)


def sweep(above):
    """Removes what brokers have left that were killed."""
    for name in os.listdir(above):
        pid = name.removeprefix(PREFIX)
        if pid != name and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            delegation.clear(f"{above}/{name}")
