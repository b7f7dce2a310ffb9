"""How a Python run ends: all that the interpreter's own end would show, without tearing it down.

Tearing down touches every object of the warm interpreter and so copies all of its pages: most of
what a run would cost. What a program can see of it is done here instead: threads waited for, exit
functions called, the program's own objects dropped (their `__del__` run), files flushed.
"""

import _signal
import atexit
import gc
import io
import os
import sys

FLUSH_FAILED = 120


def run(code, main):
    """Runs the program; its exit code as the interpreter would give it."""
    try:
        exec(compile(code, main.__file__, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        return exit_code(error.code)
    except KeyboardInterrupt as error:
        show(error)
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
        os.kill(os.getpid(), _signal.SIGINT)
    except BaseException as error:
        show(error)
        return 1
    return 0


def exit_code(value):
    """What `sys.exit(value)` means to the system."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 0xFF
    print(value, file=sys.stderr)
    return 1


def show(error):
    """Prints an uncaught exception without the frame of this file."""
    error.with_traceback(error.__traceback__.tb_next)
    sys.excepthook(type(error), error, error.__traceback__)


def leave(code, main):
    """Ends the process as the interpreter would."""
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()
    atexit._run_exitfuncs()
    flushed = flush_streams()
    empty(main.__dict__)
    gc.collect()
    for thing in gc.get_objects():
        if isinstance(thing, (io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)):
            flush(thing)
    flushed = flush_streams() and flushed
    os._exit(code if flushed or code != 0 else FLUSH_FAILED)


def empty(names):
    """Drops the program's names in the interpreter's own order: private ones first."""
    for private in (True, False):
        for name in list(names):
            underscored = name.startswith("_") and not name.startswith("__")
            if name != "__builtins__" and (underscored or not private):
                names[name] = None


def flush_streams():
    """Whether standard output could be flushed; standard error is tried too."""
    flush(sys.stderr)
    return flush(sys.stdout)


def flush(stream):
    """Whether nothing of the stream is left unwritten."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except (OSError, ValueError, AttributeError):
        return False
    return True
