"""The last steps of a run's own process before it becomes the program. Every step must succeed."""

import _signal
import _socket
import os
import resource

import kernel
import program
import run_init
import wire

THREAD_STACK = 8 << 20
# What V8 reserves without using; it cannot start below.
RUNTIME_RESERVE = 640 << 20
RUNTIME_THREADS = 16


def enter(order, descriptors, uid, bpf):
    """Confines this process and becomes the program. Never goes on half confined."""
    status = _socket.socket(fileno=os.dup(descriptors[3]))
    try:
        language, _, _, cpu, memory, processes, files, file_size, has_input = order
        job = program.read_job(descriptors[0], language, memory)
        streams(descriptors, has_input)
        os.setsid()
        become(uid)
        os.umask(0o022)
        os.mkdir(run_init.WORK, 0o755)
        os.chdir(run_init.WORK)
        job.place()
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        limit(language, cpu, memory, processes + (uid is None), files, file_size)
        kernel.install_filter(bpf)
    except OSError as error:
        run_init.report_fault(status, error)
    status.close()
    kernel.close_from(3)
    # Not by returning: unwinding to the top would touch, and so copy, pages for nothing.
    job.become()


def streams(descriptors, has_input):
    """Puts the run's own input and outputs in place."""
    source = descriptors[4] if has_input else os.open("/dev/null", os.O_RDONLY)
    os.dup2(source, 0)
    os.dup2(descriptors[1], 1)
    os.dup2(descriptors[2], 2)


def limit(language, cpu, memory, processes, files, file_size):
    """The kernel's limits for each single process. The tree's are its init's to keep.

    An ordinary user's init counts among its run's processes.
    """
    data = 2 * memory + processes * THREAD_STACK
    if language == wire.JAVASCRIPT:
        data += RUNTIME_RESERVE
        processes += RUNTIME_THREADS
    seconds = int(cpu) + 1
    for kind, value in (
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 1024),
        (resource.RLIMIT_STACK, THREAD_STACK),
    ):
        lower(kind, value)


def lower(kind, value):
    """Sets a limit, soft and hard, never above what the host allows."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(kind, (value, value))


def become(uid):
    """Takes the run's own id (as root), and gives up every capability either way."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.drop_capabilities()
    # Its own memory is the program's to look at; without this /dev/stdout could not be opened.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1, "own the process's files")
