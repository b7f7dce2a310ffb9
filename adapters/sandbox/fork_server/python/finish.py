"""How a Python run ends: all that the interpreter's own end would show, without tearing it down.

Tearing down touches every object of the warm interpreter and so copies all of its pages: most of
what a run would cost. What a program can see of it is done here instead: threads waited for, exit
functions called, the program's own objects dropped (their `__del__` run), files flushed.

The program may have replaced anything that it can name, so what is needed here is bound before.
"""

import _signal
import _thread
import atexit
import gc
import io
import os
import sys

EXIT, KILL, PID = os._exit, os.kill, os.getpid
DEFAULT_HOOK, COLLECT, OBJECTS = sys.__excepthook__, gc.collect, gc.get_objects
EXIT_FUNCTIONS, THREADS = atexit._run_exitfuncs, _thread._count
SET_TRACE, SET_PROFILE, ISINSTANCE = sys.settrace, sys.setprofile, isinstance
WRITERS = (io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)

FLUSH_FAILED, INTERRUPTED = 120, 128 + _signal.SIGINT


def run(code, main):
    """Runs the program; its exit code as the interpreter would give it."""
    try:
        try:
            exec(compile(code, main.__file__, "exec", dont_inherit=True), main.__dict__)
        finally:
            # Here, where no new frame begins: a trace function of the program's would see it.
            try:
                SET_PROFILE(None)
            except BaseException:
                pass
            SET_TRACE(None)
    except SystemExit as error:
        return exit_code(error.code)
    except KeyboardInterrupt as error:
        show(error)
        return INTERRUPTED
    except BaseException as error:
        show(error)
        return 1
    return 0


def exit_code(value):
    """What `sys.exit(value)` means to the system."""
    if value is None:
        return 0
    if ISINSTANCE(value, int):
        return value & 0xFF if -(2**63) <= value < 2**63 else 0xFF
    attempt(lambda: print(value, file=sys.stderr))
    return 1


def show(error):
    """Prints an uncaught exception without the frame of this file."""
    error.with_traceback(error.__traceback__.tb_next)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except BaseException as second:
        attempt(lambda: print("Error in sys.excepthook:", file=sys.stderr))
        DEFAULT_HOOK(type(second), second, second.__traceback__)
        attempt(lambda: print("\nOriginal exception was:", file=sys.stderr))
        DEFAULT_HOOK(type(error), error, error.__traceback__)


def leave(code, main):
    """Ends the process as the interpreter would. Never returns, whatever the program has broken."""
    try:
        attempt(wait_for_threads)
        attempt(EXIT_FUNCTIONS)
        code = settle(code, main)
        if code == INTERRUPTED:
            _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
            KILL(PID(), _signal.SIGINT)
    finally:
        EXIT(code)


def settle(code, main):
    """Drops and flushes what a program that has ended with `code` leaves; the exit code."""
    flushed = flush_streams()
    if THREADS() == 0:
        # Threads that go on to the end, as daemons do, still need the program's names.
        attempt(lambda: empty(main.__dict__))
        COLLECT()
    for thing in OBJECTS():
        if ISINSTANCE(thing, WRITERS):
            flush(thing)
    if not (flush_streams() and flushed) and code == 0:
        return FLUSH_FAILED
    return code


def attempt(step):
    """Does a step that the program can make fail; its failure must not stop the others."""
    try:
        step()
    except BaseException:
        pass


def wait_for_threads():
    """Waits for the program's threads but its daemons."""
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()


def empty(names):
    """Drops the program's names in the interpreter's own order: private ones first."""
    for private in (True, False):
        for name in list(names):
            underscored = name.startswith("_") and not name.startswith("__")
            if name != "__builtins__" and (underscored or not private):
                names[name] = None


def flush_streams():
    """Whether standard output could be flushed, also one that the program has replaced."""
    flush(sys.__stderr__)
    attempt(lambda: flush(sys.stderr))
    attempt(lambda: flush(sys.stdout))
    return flush(sys.__stdout__)


def flush(stream):
    """Whether nothing of the stream is left unwritten."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except Exception:
        return False
    return True
