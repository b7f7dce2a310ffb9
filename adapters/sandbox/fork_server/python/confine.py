"""The last steps of a run's own process before it becomes the program. Every step must succeed."""

import _signal
import _socket
import os
import resource

import kernel
import landlock
import program
import python_program
import steps
import wire

# Bound now: a program may replace what `os` names.
EXIT = os._exit


def enter(order, descriptors, uid, bpf, landlock_version):
    """Confines this process and becomes the program. Never returns, and never goes on half confined."""
    try:
        job = confine(order, descriptors, uid, bpf, landlock_version)
        if job.language == wire.PYTHON:
            python_program.run(job)
        program.execute(job.command(order[wire.INPUT_KIND] == wire.AHEAD), job.environment())
    finally:
        EXIT(wire.NOT_STARTED)


def enter_copied(order):
    """Goes on in a copy of the forker that the table of steps.py has confined already."""
    try:
        if order[0] == wire.PYTHON:
            python_program.go_on(order[wire.JOB_LENGTH], order[wire.CODE_LENGTH])
        program.go_on(order)
    finally:
        EXIT(wire.NOT_STARTED)


def confine(order, descriptors, uid, bpf, landlock_version):
    """Takes every step; the program to become. A step that fails ends the process with a word."""
    status = _socket.socket(fileno=os.dup(descriptors[wire.STATUS]))
    try:
        language, _, _, cpu, memory, processes, files, file_size, _, _, has_input, _ = order
        job = program.read_job(descriptors[wire.JOB_FILE], language, memory)
        streams(descriptors, has_input)
        os.setsid()
        become(uid)
        os.umask(0o022)
        os.mkdir(program.WORK, 0o755)
        os.chdir(program.WORK)
        job.place()
        restore_signals()
        rights = landlock.prepare(landlock_version) if landlock_version else None
        # An ordinary user's init counts among its run's processes.
        processes += uid is None
        own = program.limits(language, cpu, memory, processes, files, file_size)
        for name, pair in own.items():
            resource.setrlimit(steps.LIMITS[name], pair)
        kernel.gain_nothing()
        if rights is not None:
            landlock.enter(rights, landlock_version)
        kernel.install_filter(bpf)
    except OSError as error:
        wire.report_fault(status, error)
    status.close()
    os.dup2(descriptors[wire.JOB_FILE], steps.JOB)
    kernel.close_from(steps.STATUS)
    job.place_files(steps.JOB)
    kernel.close_from(steps.JOB)
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


def become(uid):
    """Takes the run's own id (as root), and gives up every capability either way."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.drop_capabilities()
    # Its own memory is the program's to look at; without this /dev/stdout could not be opened.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1, "own the process's files")
