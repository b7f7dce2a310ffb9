"""Has a broker start its runs in containers: which runtime its words name, and the launcher's beginning.

The words: `container:` with bubblewrap or oci, `runtime:` with the names or paths of programs, the first
that is there being taken, `rootfs:` with a root file system other than the host's, `search:` with the
folders in which programs are looked for.
"""

import _socket
import os
import sys


# Not on everybody's PATH.
OTHERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class Choice:
    """What the words name. `runtime` is a path, or None where none is there."""

    def __init__(self, words):
        named = dict(word.split(":", 1) for word in words if ":" in word and not word.startswith("/"))
        self.kind = named["container"]
        self.wanted = named["runtime"].split(",")
        self.rootfs = named.get("rootfs")
        folders = named.get("search", "").split(":")
        self.runtime = next((path for name in self.wanted for path in places(name, folders)), None)


def places(name, folders):
    """Where a program is, by its path or by its name in folders, or where administrators' programs are."""
    paths = [name] if name.startswith("/") else [f"{folder}/{name}" for folder in (*folders, *OTHERS)]
    return [path for path in paths if path.startswith("/") and os.access(path, os.X_OK)]


def serve(plan, words, folder):
    """Splits into the launcher and the service's half; neither returns."""
    choice = Choice(words)
    plan.update(container=choice, folder=folder, interpreter=interpreter(choice), preload=[], trial=None)
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        import launcher
        launcher.start(plan, theirs)
    theirs.close()
    import service
    service.serve(plan, [ours], pid, None)


def interpreter(choice):
    """The Python inside: this one, or what another root file system calls so."""
    return os.path.realpath(sys.executable) if choice.rootfs is None else "python3"
