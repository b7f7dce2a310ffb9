"""Has a broker start its runs in containers: which runtime its words name, and the launcher's beginning.

The words: `container:` with bubblewrap or oci, `runtime:` with the names or paths of programs, the first
that is there being taken, `rootfs:` with a root file system other than the host's, `search:` with the
folders in which programs are looked for.
"""

import _socket
import os
import sys

import service


class Choice:
    """What the words name. `runtime` is a path, or None where none is there."""

    def __init__(self, words):
        self.kind = words["container"]
        self.wanted = words["runtime"].split(",")
        self.rootfs = words.get("rootfs")
        folders = words.get("search", "").split(":")
        self.runtime = next((path for name in self.wanted for path in places(name, folders)), None)


def chosen(words):
    """The choice that a broker's words make; None where it is to fork its runs."""
    named = dict(word.split(":", 1) for word in words if ":" in word and word[0] != "/")
    return Choice(named) if "container" in named else None


def places(name, folders):
    """Where a program is, by its path or by its name in folders."""
    paths = [name] if name.startswith("/") else [f"{folder}/{name}" for folder in folders]
    return [path for path in paths if path.startswith("/") and os.access(path, os.X_OK)]


def serve(plan, folder):
    """Splits into the launcher and the service's half; neither returns."""
    choice = plan["container"]
    plan.update(folder=folder, interpreter=interpreter(choice), preload=[], cgroup=None, trial=None)
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        import launcher
        launcher.start(plan, theirs)
    theirs.close()
    service.serve(plan, [ours], pid, None)


def interpreter(choice):
    """The Python inside: this one, or what another root file system calls so."""
    return os.path.realpath(sys.executable) if choice.rootfs is None else "python3"
