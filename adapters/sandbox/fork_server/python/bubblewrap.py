"""Containers by bubblewrap: each a `bwrap` that builds its namespaces as an ordinary user would."""

import os

import kernel
import namespaces
import rootfs

NAMESPACES = ("user", "ipc", "pid", "net", "uts", "cgroup")
# What the init needs to mount, to see and to bury; the program has none (confine.py).
CAPABILITIES = ("SYS_ADMIN", "SETPCAP", "SYS_PTRACE", "KILL")


class Bubblewrap:
    """How one is started and ended. As root it runs under the run's own id, which no run shares."""

    # Of one id there is: what maps it is bwrap's.
    nested = False
    makes_devices = False

    def __init__(self, plan, stage):
        self.path = plan["container"].runtime
        self.privileged = plan["privileged"]
        self.options = list(options(stage))

    def command(self, identity, uid, words):
        """What to execute so that `words` are PID 1 of a container."""
        inside = kernel.RUN_IDS[0] if uid is None else uid
        return [self.path, "--uid", str(inside), "--gid", str(inside), *self.options, "--", *words]

    def become(self, uid):
        """In the child, before bwrap is executed: takes the host's id that is behind the run's."""
        if self.privileged:
            outside = namespaces.FIRST_HOST_ID + uid
            os.setgroups([])
            os.setresgid(outside, outside, outside)
            os.setresuid(outside, outside, outside)

    def inner_id(self, uid):
        """The id that the program has to take: none, as the whole container has it already."""
        return None

    def remains(self, identity, status):
        """Nothing of a bwrap outlives it."""
        return None


def options(stage):
    """All that is the same for every run."""
    for name in NAMESPACES:
        yield f"--unshare-{name}"
    yield from ("--hostname", "sandbox", "--new-session", "--die-with-parent", "--as-pid-1")
    for name in CAPABILITIES:
        yield from ("--cap-add", f"CAP_{name}")
    yield from ("--ro-bind", stage.root, "/")
    for source, target in stage.binds:
        yield from ("--ro-bind", source, target)
    for target in stage.covers:
        yield from ("--size", "4096", "--tmpfs", target, "--remount-ro", target)
    for device in rootfs.DEVICES:
        yield from ("--dev-bind", f"/dev/{device}", f"/dev/{device}")
    yield from ("--proc", "/proc", "--chdir", "/")
