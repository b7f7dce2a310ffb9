"""Holds a run to its limits from outside, for an init that is but a table of system calls."""

import os
import signal
import time

import accounting
import wire

# An init is asked to end its run in order, so that it can count; past this it is ended itself.
GRACE_SECONDS = 0.2


class Holder:
    """One run, from its init's first moment on."""

    def __init__(self, handle, deadline, cpu, memory, inherited):
        self.handle = handle
        self.init = process_of(handle)
        self.limits = accounting.Limits(deadline, cpu, memory)
        files = f"/proc/{self.init}/root/tmp"
        self.tree = accounting.Tree(self.limits, self.processes, files, inherited)
        self.cause = wire.BY_ITSELF
        self.ended = None

    def processes(self):
        """Everything in the run but its init."""
        return accounting.descendants(self.init)

    def look(self, now):
        """Ends the run when it has broken a limit."""
        if self.ended is None:
            self.tree.look()
            cause = self.limits.broken_by(self.tree)
            if cause is not None:
                self.end(cause)
        elif now > self.ended + GRACE_SECONDS:
            kill(self.handle)

    def end(self, cause):
        """Has the run end: the program first, so that its init counts and buries everybody."""
        if self.ended is not None:
            return
        self.cause = cause
        self.ended = time.monotonic()
        for child in accounting.read(f"/proc/{self.init}/task/{self.init}/children").split():
            end_program(int(child))


def process_of(handle):
    """The process id behind a descriptor, as this process sees it; 0 when it has ended or is unknown."""
    if handle < 0:
        return 0
    with open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return max(0, int(fields.get("Pid", "0")))


def end_program(process):
    """Kills a process if it is, of its namespace, the program: the first child of the init."""
    try:
        handle = os.pidfd_open(process)
    except OSError:
        return
    try:
        ids = accounting.read(f"/proc/{process}/status").partition(b"NSpid:")[2].split(b"\n")[0]
        if ids.split()[-1:] == [b"2"]:
            kill(handle)
    finally:
        os.close(handle)


def kill(handle):
    """Kills a process by its descriptor; it may just have ended by itself."""
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        pass
