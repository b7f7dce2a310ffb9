"""What a copy of this forker begins with, and what it must not share with the other copies."""

import ctypes
import os
import sys

import accounting

NOTHING = (lambda: None).__code__


class Inherited:
    """`data`, as RLIMIT_DATA counts, and `anonymous`, the shared pages: bytes as of the last `measure`."""

    data = 0
    anonymous = 0
    # The code of threading's own hook while it is put off, and the state of numpy's global generator.
    thread_hook = None
    generator = None


def measure():
    """Takes this process's present size as what its copies begin with."""
    status = accounting.read(f"/proc/{os.getpid()}/status")
    Inherited.data = accounting.kilobytes(status, b"VmData:")
    Inherited.anonymous = accounting.kilobytes(status, b"RssAnon:")


def prepare():
    """Has copies do little at their start, as every page that they touch is copied. Call it again when
    more has been imported.
    """
    threading = sys.modules.get("threading")
    hook = getattr(threading, "_after_fork", None)
    if hook is not None and Inherited.thread_hook is None:
        # It buries the threads that a copy has lost; a forker has none.
        Inherited.thread_hook = hook.__code__
        hook.__code__ = NOTHING
    if "numpy.random" in sys.modules:
        Inherited.generator = generator_state(sys.modules["numpy.random"])


def generator_state(random):
    """Where numpy's global generator keeps its state, as a writable array; None when it is not there."""
    try:
        random.seed()
        generator = random.mtrand._rand._bit_generator
        known = generator.state["state"]["key"].tobytes()
        found = (ctypes.c_char * len(known)).from_address(generator.ctypes.state_address)
    except (AttributeError, ImportError, KeyError, TypeError):
        return None
    return found if found.raw == known else None


def take_over():
    """In a copy: puts the hook back for forks of the program's own, and takes chance of its own."""
    if Inherited.thread_hook is not None:
        sys.modules["threading"]._after_fork.__code__ = Inherited.thread_hook
    if Inherited.generator is not None:
        Inherited.generator[:] = os.urandom(len(Inherited.generator))
    elif "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
