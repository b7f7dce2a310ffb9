"""Packages imported before any run, so that a run that imports them pays nothing.

The forkers that are copied stand in a line: each is a copy of the one before with one more package, and
a run starts from the first that has all it names. So a run pays for no package that it does not use: the
larger a process is, the dearer is its copy.

A package is foreign code. It is imported behind the walls, in a process that can be thrown away until it
has shown that it may be copied: it raised nothing, ended nothing, hung nowhere, left no thread and no
process behind. Nothing of a run has been near it.
"""

import _signal
import _socket
import gc
import os
import select
import time

import inherited
import kernel
import program
import wire

# What is imported unless the operator says otherwise, by the folder that shows it is there.
USUAL = {"numpy": "numpy", "pandas": "pandas", "matplotlib": "matplotlib.pyplot", "pytest": "pytest"}
# Threads do not survive a copy, so none may be started at import.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1", "BLIS_NUM_THREADS": "1",
}
# For all of them together: a start must not wait for ever.
BUDGET_SECONDS = 10.0
LARGEST_WORD = 500
WELL = b"+"

# One use each of what nearly every program uses, so that no run pays for a first time.
FIRST_USES = {
    "numpy": b"""
import numpy as np
np.random.seed(); np.random.rand(2); np.random.default_rng(1).normal(size=2)
a = np.arange(12.0).reshape(3, 4)
str(a @ a.T + a.sum() - a.mean(axis=0)[:3]), repr(np.linalg.inv(np.eye(2))), np.sort(a), a > 1
""",
    "pandas": b"""
import pandas as pd
f = pd.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3], "w": [0.5, 1.5, 2.5]})
str(f), str(f.describe()), str(f.groupby("k").sum()), f[f.v > 1].merge(f, on="k"), f.v.sum(), f.to_csv()
str(f.sort_values("w").head()), str(pd.to_datetime(["2020-01-01"])), pd.Series([1, 2]).mean()
""",
    "matplotlib.pyplot": b"""
import io, matplotlib.pyplot as plt
figure, axes = plt.subplots(); axes.plot([1, 2], label="a"); axes.set_title("t"); axes.legend()
figure.savefig(io.BytesIO(), format="png"); plt.close("all")
""",
    # Its own plugins are imported when it is configured.
    "pytest": b"""
from _pytest.config import get_config
get_config()
""",
}


def chosen(wish, folder):
    """The modules to import. `wish`: comma-separated names, or None for the usual ones in `folder`."""
    if wish is not None:
        return list(dict.fromkeys(filter(None, wish.split(","))))
    return [name for top, name in USUAL.items() if folder and os.path.isdir(f"{folder}/{top}")]


def line_up(control, wanted):
    """Makes the line. `wanted`: [(module, control socket of the forker that has it)], in their order.

    Returns in each process of the line, with its own control socket. Whoever stands before a module
    that cannot be had says so on the module's socket.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    while wanted:
        (name, following), *wanted = wanted
        gc.collect()
        gc.freeze()
        ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        # The init of a PID namespace ignores its children's ends; this one has to be heard of.
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        child = os.fork()
        if child == 0:
            ours.close()
            control.close()
            say(theirs, load(name))
            control = following
        else:
            theirs.close()
            failure = hear(ours, child, deadline)
            if failure is not None:
                following.send(wire.NOT_PRELOADED + failure)
            following.close()
            if failure is None:
                for _, socket in wanted:
                    socket.close()
                wanted = []
        _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    return control


def say(socket, failure):
    """Tells the process before how the import went; ends this one when it may not be copied."""
    socket.send(WELL if failure is None else failure.encode("utf-8", "replace")[:LARGEST_WORD])
    if failure is not None:
        os._exit(1)
    socket.close()


def hear(socket, child, deadline):
    """None once a child has imported its module, else the reason why there is none."""
    handle = os.pidfd_open(child)
    left = max(0.0, deadline - time.monotonic())
    select.select([socket, handle], [], [], left)
    socket.setblocking(False)
    try:
        word = socket.recv(LARGEST_WORD)
    except OSError:
        word = b""
    socket.close()
    if word != WELL:
        os.kill(child, kernel.SIGKILL)
        status = os.waitpid(child, 0)[1]
        word = word or end_of(status)
    os.close(handle)
    return None if word == WELL else word


def end_of(status):
    """What an import that never said how it went has come to."""
    if os.WIFEXITED(status):
        return b"it ended the interpreter with exit code %d" % os.WEXITSTATUS(status)
    if os.WTERMSIG(status) == kernel.SIGKILL:
        return b"it did not import within %d s" % BUDGET_SECONDS
    return b"it crashed the interpreter with signal %d" % os.WTERMSIG(status)


def load(name):
    """Imports a module and uses it once: None, or why this process may not be copied."""
    try:
        kernel.die_with_parent()
        enter_scratch()
        os.environ.update(ONE_THREAD)
        __import__(name)
        exec(compile(FIRST_USES.get(name, b""), "warm", "exec", dont_inherit=True), {"__name__": "warm"})
        inherited.prepare()
        program.adopt_environment()
        leave_scratch()
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return what_is_left()


def enter_scratch():
    """A writable home, seen by this process alone: some packages keep caches."""
    kernel.unshare(kernel.NEWNS, "unshare mount namespace")
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", "/tmp", "tmpfs", flags, "mode=1777,size=64m")
    os.mkdir(program.WORK, 0o755)
    os.chdir(program.WORK)


def leave_scratch():
    """Leaves nothing of it for any run to find."""
    os.chdir("/")
    kernel.unmount("/tmp")


def what_is_left():
    """Why a process cannot be copied that has run foreign code; None when it can."""
    if len(os.listdir("/proc/self/task")) > 1:
        return "it starts a thread, which no copy would have"
    with open(f"/proc/self/task/{os.getpid()}/children", "rb") as file:
        return "it leaves a process behind" if file.read() else None
