"""PID 1 of one run: mounts what is the run's own, starts the program, holds the tree to its limits.

It never sees the run's code or input, and no descriptor but the status socket stays open in it.
"""

import _socket
import os
import resource
import select
import time

import accounting
import confine
import kernel
import namespaces
import wire

TICK_SECONDS = 0.02
WORK = "/tmp/work"


def run(order, descriptors, uid, bpf):
    """Becomes the init of one run, and in its child the program; never returns."""
    _, _, wall, cpu, memory, *_ = order
    status = _socket.socket(fileno=descriptors[3])
    started = time.monotonic()
    try:
        if uid is None:
            namespaces.map_self(1000, 0, 1000, 0)
            kernel.drop_bounding_set()
        mount_own(memory)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0, "hide the init's memory")
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            confine.enter(order, descriptors, uid, bpf)
    except OSError as error:
        report_fault(status, error)
    for descriptor in (*descriptors[:3], *descriptors[4:]):
        os.close(descriptor)
    limits = accounting.Limits(started + wall, cpu, memory)
    cause, wait_status, peak = supervise(child, status, limits)
    wall_used = time.monotonic() - started
    end_all()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_used = usage.ru_utime + usage.ru_stime
    largest = usage.ru_maxrss * 1024
    status.send(wire.ENDING.pack(wire.ENDED, cause, wait_status, wall_used, cpu_used, peak, largest))
    os._exit(0)


def mount_own(memory):
    """The run's own /proc, without anybody else in it, and its own writable /tmp."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("proc", "/proc", "proc", flags | kernel.MS_NOEXEC, "subset=pid")
    inodes = max(1024, memory >> 13)
    kernel.mount("tmpfs", "/tmp", "tmpfs", flags, f"mode=1777,size={memory},nr_inodes={inodes}")


def supervise(child, status, limits):
    """Waits for the program's end or the first broken limit: (cause, wait status, peak bytes)."""
    handle = os.pidfd_open(child)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(status, select.POLLIN)
    peak = 0
    while True:
        ready = dict(poll.poll(limits.wait_milliseconds(TICK_SECONDS)))
        if handle in ready:
            return wire.BY_ITSELF, os.waitpid(child, 0)[1], peak
        if ready:
            cause = wire.BY_OUTPUT if status.recv(1) else wire.BY_ORDER
            return cause, end(child), peak
        reap_orphans(child)
        used = accounting.measure(limits)
        peak = max(peak, used.memory)
        cause = limits.broken_by(used)
        if cause is not None:
            return cause, end(child), peak


def reap_orphans(child):
    """Buries processes whose parents ended first; leaves the program itself to `supervise`."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid == child:
            return
        os.waitpid(found.si_pid, 0)


def end(child):
    """Kills the program itself and returns its wait status."""
    os.kill(child, kernel.SIGKILL)
    return os.waitpid(child, 0)[1]


def end_all():
    """Kills and buries everything left in this PID namespace."""
    assert os.getpid() == 1, "only the init of a run's own PID namespace may kill everything"
    while True:
        try:
            os.kill(-1, kernel.SIGKILL)
            os.waitpid(-1, 0)
        except (ChildProcessError, ProcessLookupError):
            break
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def report_fault(status, error):
    """Says that this run could not be walled in, and ends."""
    try:
        status.send(bytes([wire.FAULT]) + str(error).encode())
    finally:
        os._exit(125)
