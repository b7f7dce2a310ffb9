"""A Python program: what the forker makes ready for all of them, and what is left to do in each copy.

A copy pays for every page that it is the first to write to, and using an object writes to it. So as much
as can be is done once, before the forker is copied, and little of the interpreter is used afterwards.
"""

import _signal
import builtins
import ctypes
import gc
import os
import site
import sys
import types

import finish
import inherited
import program
import rootfs
import steps
import wire

SOURCE = program.FILES[wire.PYTHON]
OWN_MODULES = ("accounting", "cgroup", "confine", "container_init", "delegation", "finish", "forker",
               "inherited", "javascript", "kernel", "landlock", "machine", "namespaces", "placing", "preload",
               "program",
               "python_program", "rootfs", "run_init", "seccomp", "slots", "starters", "steps",
               "syscall_table", "wire", "without", "__main__")
# Where -S stands in sys.flags.
NO_SITE = 6
WARM_UP = b"import sys\nx = [f'{n}' for n in range(3)]\n"
WARM_UPS = 20
HEAD = wire.JOB.size

ARGUMENTS, MAIN = [SOURCE], types.ModuleType("__main__")
KEPT = []
READ, CLOSE, CLOSE_RANGE, SIGNAL = os.pread, os.close, os.closerange, _signal.signal
TAKE_OVER = inherited.take_over
INTERRUPT, ON_INTERRUPT = _signal.SIGINT, _signal.default_int_handler


def hide_own_modules():
    """Leaves the names of these modules to packages and programs, which may have the same."""
    # Kept, not freed: others still use what is in them.
    KEPT.extend(sys.modules.pop(name, None) for name in OWN_MODULES)


def add_site():
    """What -S left out: exit(), quit(), help() and packages, but no .pth code."""
    site.setquit()
    site.setcopyright()
    site.sethelper()
    folders = [rootfs.PACKAGES, *site.getsitepackages()]
    sys.path.extend(folder for folder in folders if os.path.isdir(folder))
    site.ENABLE_USER_SITE = False
    site.getusersitepackages()
    clear_no_site()


def clear_no_site():
    """Programs start others with the flags that they see: -S would take the packages from those."""
    zero = ctypes.py_object(0)
    ctypes.pythonapi.Py_IncRef(zero)
    ctypes.pythonapi.PyStructSequence_SetItem(ctypes.py_object(sys.flags), NO_SITE, zero)


def prepare():
    """Makes this process what every Python program is to find."""
    sys.argv = ARGUMENTS
    sys.orig_argv = ["python3", SOURCE]
    sys.path.insert(0, program.WORK)
    MAIN.__dict__.update(__builtins__=builtins, __file__=f"{program.WORK}/{SOURCE}")
    sys.modules["__main__"] = MAIN


def freeze():
    """Takes the way of every program until nothing is new on it, and keeps the collector off what stands."""
    for _ in range(WARM_UPS):
        warm_up()
    gc.collect()
    gc.freeze()


def warm_up():
    """Takes the way of a program once, so that none pays for a first time.

    But for its end's threads and exit functions: those of packages imported ahead have to last.
    """
    main = types.ModuleType("__main__")
    main.__dict__.update(MAIN.__dict__)
    finish.settle(finish.run(WARM_UP, main), main)


def go_on(job_length, code_length):
    """Becomes the program in a copy of the forker that the table of steps.py has confined already."""
    # First what is not needed: a run may have few descriptors to place its files with.
    CLOSE_RANGE(steps.STATUS, steps.FREE)
    job = READ(steps.JOB, HEAD + code_length, 0)
    more = None
    if job_length > HEAD + code_length:
        more = program.read_job(steps.JOB, wire.PYTHON, 0)
        more.place_files(steps.JOB)
    CLOSE(steps.JOB)
    SIGNAL(INTERRUPT, ON_INTERRUPT)
    TAKE_OVER()
    if more is not None:
        take_words(more)
    finish.leave(finish.run(job[HEAD : HEAD + code_length], MAIN), MAIN)


def run(job):
    """Runs a program in this process, which is confined; never returns."""
    TAKE_OVER()
    take_words(job)
    finish.leave(finish.run(job.code, MAIN), MAIN)


def take_words(job):
    """The arguments and variables that the program brings."""
    ARGUMENTS.extend(job.args)
    sys.orig_argv.extend(job.args)
    os.environ.update(job.added)
