"""The last steps of a run's own process before it becomes the program. Every step must succeed."""

import _signal
import _socket
import os
import resource

import kernel
import program
import wire

THREAD_STACK = 8 << 20
# What V8 reserves without using; it cannot start below.
RUNTIME_RESERVE = 640 << 20
RUNTIME_THREADS = 16
# Bound now: a program may replace what `os` names.
EXIT = os._exit


def enter(order, descriptors, uid, bpf):
    """Confines this process and becomes the program. Never returns, and never goes on half confined."""
    try:
        confine(order, descriptors, uid, bpf).become()
    finally:
        EXIT(wire.NOT_STARTED)


def confine(order, descriptors, uid, bpf):
    """Takes every step; the program to become. A step that fails ends the process with a word."""
    status = _socket.socket(fileno=os.dup(descriptors[wire.STATUS]))
    try:
        language, _, _, cpu, memory, processes, files, file_size, has_input = order
        job = program.read_job(descriptors[wire.JOB_FILE], language, memory)
        streams(descriptors, has_input)
        os.setsid()
        become(uid)
        os.umask(0o022)
        os.mkdir(program.WORK, 0o755)
        os.chdir(program.WORK)
        job.place()
        restore_signals()
        limit(language, cpu, memory, processes + (uid is None), files, file_size)
        kernel.install_filter(bpf)
    except OSError as error:
        wire.report_fault(status, error)
    status.close()
    kernel.close_from(3)
    return job


def restore_signals():
    """Puts back what the broker ignores, so that a program can be told to end."""
    _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    for number in (_signal.SIGTERM, _signal.SIGHUP):
        _signal.signal(number, _signal.SIG_DFL)


def streams(descriptors, has_input):
    """Puts the run's own input and outputs in place."""
    source = descriptors[wire.INPUT] if has_input else os.open("/dev/null", os.O_RDONLY)
    os.dup2(source, 0)
    os.dup2(descriptors[wire.STDOUT], 1)
    os.dup2(descriptors[wire.STDERR], 2)


def limit(language, cpu, memory, processes, files, file_size):
    """The kernel's limits for each single process. The tree's are its init's to keep.

    An ordinary user's init counts among its run's processes.
    """
    data = 2 * memory + processes * THREAD_STACK
    if language == wire.JAVASCRIPT:
        data += RUNTIME_RESERVE
        processes += RUNTIME_THREADS
    for kind, value in (
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 1024),
        (resource.RLIMIT_STACK, THREAD_STACK),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        lower(kind, value, value)
    # First SIGXCPU, which tells why; a second later SIGKILL.
    lower(resource.RLIMIT_CPU, int(cpu) + 1, int(cpu) + 2)


def lower(kind, soft, hard):
    """Sets a limit, never above what the host allows."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def become(uid):
    """Takes the run's own id (as root), and gives up every capability either way."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.drop_capabilities()
    # Its own memory is the program's to look at; without this /dev/stdout could not be opened.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1, "own the process's files")
