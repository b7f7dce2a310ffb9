"""Stands between the service and the sandboxes: takes requests, keeps their data, never forks for one.

Started by an interpreter with -I -S -B, its arguments its own path, HOST_PATH=PLACE_INSIDE pairs,
`preload:` with the modules to import ahead (preload.py) and, to have every run forked plainly, the word
`plain`; to have containers instead of forks, the words of containers.py; tests of the walls add
`without:LAYER` (without.py).
Frames come and go on standard input and output (wire.py). Ends when its input does, and everything that
it started ends with it.
"""

import _signal
import _socket
import os
import sys
from _frozen_importlib import ModuleSpec

HERE = os.path.dirname(os.path.abspath(sys.argv[1]))
CLEAN = {"LC_ALL": "C.UTF-8"}


class OwnModules:
    """Imports the modules beside this file under names that show no host path in a run's frames."""

    def find_spec(self, name, path, target=None):
        """Only what lies here."""
        return ModuleSpec(name, self) if os.path.exists(f"{HERE}/{name}.py") else None

    def create_module(self, spec):
        """The usual kind."""

    def exec_module(self, module):
        """Runs the module's code."""
        with open(f"{HERE}/{module.__name__}.py", encoding="utf-8") as file:
            exec(compile(file.read(), f"<sandbox {module.__name__}>", "exec"), module.__dict__)


def forget_paths():
    """Leaves nothing in the forker's memory that names a place on the host."""
    sys.meta_path.pop(0)
    sys.argv[:] = sys.orig_argv[:] = ["python3"]
    del globals()["HERE"]


def modules_ahead(extras):
    """The modules to import before any run."""
    import preload
    import rootfs
    wishes = [word.partition(":")[2] for word in sys.argv[2:] if word.startswith("preload:")]
    places = {place: source for source, place in extras.items()}
    return preload.chosen(wishes[0] if wishes else None, places.get(rootfs.PACKAGES))


def main():
    """Splits into the forker and the service's half; neither returns."""
    if dict(os.environ) != CLEAN:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], CLEAN)
    sys.meta_path.insert(0, OwnModules())
    for number in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP):
        _signal.signal(number, _signal.SIG_IGN)
    os.setsid()
    import cgroup
    import landlock
    import namespaces
    plan = {
        "privileged": os.geteuid() == 0,
        "prefix": os.path.realpath(sys.base_prefix),
        "landlock": landlock.version(),
        "plain": "plain" in sys.argv[2:],
        "extras": dict(word.rsplit("=", 1) for word in sys.argv[2:] if word.startswith("/") and "=" in word),
    }
    plan["preload"] = modules_ahead(plan["extras"])
    layers_left_out = {word.partition(":")[2] for word in sys.argv[2:] if word.startswith("without:")}
    if layers_left_out:
        import without
        without.leave_out(layers_left_out, plan)
    if any(word.startswith("container:") for word in sys.argv[2:]):
        import containers
        containers.serve(plan, sys.argv[2:], HERE)
    # One forker for what goes on in a copy of it, one for what is executed, one more for each package.
    pairs = [_socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
             for _ in range(2 + len(plan["preload"]))]
    groups = cgroup.Groups.prepare(namespaces.FIRST_HOST_ID if plan["privileged"] else None)
    plan["cgroup"] = groups and groups.folder
    plan["trial"] = groups and groups.trial()
    pid = os.fork()
    if pid == 0:
        controls = [theirs for _, theirs in pairs]
        for ours, _ in pairs:
            ours.close()
        del groups
        import forker
        forget_paths()
        forker.start(plan, *controls)
    for _, theirs in pairs:
        theirs.close()
    if groups is not None:
        os.close(plan["trial"])
    import service
    service.serve(plan, [ours for ours, _ in pairs], pid, groups)


main()
