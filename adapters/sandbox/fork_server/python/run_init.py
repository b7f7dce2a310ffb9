"""PID 1 of one run: mounts what is the run's own, starts the program, holds the tree to its limits.

It never sees the run's code or input, and no descriptor but the status socket stays open in it.
"""

import _socket
import array
import os
import resource
import select
import time

import accounting
import confine
import inherited
import kernel
import namespaces
import program
import wire

TICK_SECONDS = 0.02


def run(order, descriptors, uid, bpf, landlock, put_up=None):
    """Becomes the init of one run, and in its child the program; never returns.

    `put_up(uid, memory)` stands in for `wall_in` where another put up a part of the walls.
    """
    language, _, wall, cpu, memory, *_ = order
    status = _socket.socket(fileno=descriptors[wire.STATUS])
    cgroup = wire.cgroup_of(order, descriptors)
    try:
        (put_up or wall_in)(uid, memory)
        # Found before the program is there, which could put something else in its place.
        wanted = order[wire.WANTS_FILES] or order[wire.INPUT_KIND] == wire.AHEAD
        tmp = [os.open("/tmp", os.O_PATH | os.O_DIRECTORY)] if wanted else []
        started = time.monotonic()
        child = fork(cgroup)
    except OSError as error:
        wire.report_fault(status, error)
    if child == 0:
        confine.enter(order, descriptors, uid, bpf, landlock)
    try:
        for descriptor in descriptors:
            if descriptor != status.fileno():
                os.close(descriptor)
        spent = 0.0
        if order[wire.INPUT_KIND] == wire.AHEAD:
            started, wall, cpu, spent = await_program(child, status)
        limits = accounting.Limits(started + wall, cpu + spent, memory if cgroup is None else None)
        shared = inherited.Inherited.anonymous if language == wire.PYTHON else 0
        word = hold(child, status, accounting.Tree(limits, inherited=shared), started, spent)
        rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", tmp))]
        status.sendmsg([word], rights if tmp else [])
    finally:
        os._exit(0)


def fork(cgroup):
    """A child, in a cgroup of its own where runs have one."""
    if cgroup is None:
        return os.fork()
    return kernel.fork_into(cgroup, kernel.thread_id_address())


def wall_in(uid, memory):
    """Puts up what is the run's own, and takes this init's memory out of the program's sight."""
    if uid is None:
        namespaces.map_self(kernel.RUN_IDS[0], 0, kernel.RUN_IDS[0], 0)
        kernel.drop_bounding_set()
    mount_own(memory)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0, "hide the init's memory")


def await_program(child, status):
    """Sleeps until a process started ahead has its program: (when, its wall s, its cpu s, CPU used before).

    One that ends or is ended meanwhile has none, and all zeros.
    """
    handle = os.pidfd_open(child)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(status, select.POLLIN)
    poll.poll()
    os.close(handle)
    try:
        word = status.recv(wire.ADOPTION.size, _socket.MSG_DONTWAIT)
    except BlockingIOError:
        word = b""
    if len(word) != wire.ADOPTION.size:
        return time.monotonic(), 0.0, 0.0, 0.0
    _, wall, cpu = wire.ADOPTION.unpack(word)
    return time.monotonic(), wall, cpu, accounting.cpu_clock(child)


def hold(child, status, tree, started, spent=0.0):
    """Holds the tree to its limits until it is dead and buried; the word to the broker.

    `spent`: CPU seconds before its program came, which nobody is charged for.
    """
    cause, wait_status = supervise(child, status, tree)
    wall_used = time.monotonic() - started
    end_all()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_used = max(usage.ru_utime + usage.ru_stime, tree.cpu) - spent
    largest = usage.ru_maxrss * 1024
    return wire.ENDING.pack(
        wire.ENDED, cause, wait_status, wall_used, cpu_used, tree.peak, largest
    )


def mount_own(memory, proc_options="subset=pid"):
    """The run's own /proc, without anybody else in it, and its own writable /tmp."""
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    sealed = flags | kernel.MS_NOEXEC | kernel.MS_RDONLY
    kernel.mount("proc", "/proc", "proc", sealed, proc_options)
    kernel.mount("tmpfs", "/tmp", "tmpfs", flags, program.tmp_options(memory))


def supervise(child, status, tree):
    """Waits for the program's end or the first broken limit: (cause, wait status)."""
    limits = tree.limits
    handle = os.pidfd_open(child)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(status, select.POLLIN)
    while True:
        ready = dict(poll.poll(limits.wait_milliseconds(TICK_SECONDS)))
        if handle in ready:
            return wire.BY_ITSELF, os.waitpid(child, 0)[1]
        if ready:
            cause = wire.BY_OUTPUT if status.recv(1) else wire.BY_ORDER
            return cause, end(child)
        reap_orphans(child)
        tree.look()
        cause = limits.broken_by(tree)
        if cause is not None:
            return cause, end(child)


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
