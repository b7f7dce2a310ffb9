"""Containers by an OCI runtime such as crun or runc: each run a container, of one bundle that all share."""

import json
import os

import kernel
import namespaces

NAMESPACES = ("pid", "network", "ipc", "uts", "mount", "user", "cgroup")
# What the init needs to mount, to take or map the run's id, to see and to bury; the program has none
# (confine.py).
CAPABILITIES = ("SYS_ADMIN", "SETPCAP", "SETUID", "SETGID", "SETFCAP", "SYS_PTRACE", "DAC_READ_SEARCH", "KILL")
# An init is handed so many descriptors after the standard ones; keys of its own would outlive it.
HANDING = ("--no-new-keyring", "--preserve-fds=7")
# Options before the command, by the beginning of the runtime's file name.
OPTIONS = {
    "crun": ("--cgroup-manager=disabled",),
    # What it may not do to cgroups it then lets be; stage.py sees to that.
    "runc": ("--rootless", "true"),
}


class Oci:
    """How a container is started and ended."""

    # Whatever the runtime puts there, runs are to find what every other run does.
    makes_devices = True

    def __init__(self, plan, stage):
        self.path = plan["container"].runtime
        self.stage = stage
        self.privileged = plan["privileged"]
        # An ordinary user has one id to give, which the runtime takes for its root.
        self.nested = not self.privileged
        self.bundles = {}
        name = os.path.basename(self.path)
        own = next((words for start, words in OPTIONS.items() if name.startswith(start)), ())
        if name.startswith("crun"):
            # It uses none, and yet refuses to work where it does not know how they are mounted.
            stage.hide_cgroups()
        self.start = [self.path, "--root", f"{stage.folder}/state", *own]

    def command(self, identity, uid, words):
        """What to execute so that `words` are PID 1 of a container."""
        return [*self.start, "run", "--bundle", self.bundle(tuple(words)), *HANDING, identity]

    def become(self, uid):
        """The runtime itself keeps the id that this process has."""

    def inner_id(self, uid):
        """The id that the program has to take."""
        return uid if self.privileged else None

    def bundle(self, words):
        """The folder of a container that begins with these words."""
        if words not in self.bundles:
            folder = f"{self.stage.folder}/bundle-{len(self.bundles)}"
            os.mkdir(folder)
            with open(f"{folder}/config.json", "x", encoding="ascii") as file:
                json.dump(self.config(words), file)
            self.bundles[words] = folder
        return self.bundles[words]

    def config(self, words):
        """The configuration of every container, as the runtime specification has it."""
        ids = {"containerID": 0, "hostID": os.geteuid(), "size": 1}
        group = {**ids, "hostID": os.getegid()}
        if self.privileged:
            ids = group = {"containerID": 0, "hostID": namespaces.FIRST_HOST_ID, "size": namespaces.IDS}
        capabilities = [f"CAP_{name}" for name in CAPABILITIES]
        return {
            "ociVersion": "1.0.0",
            "process": {
                "terminal": False,
                "user": {"uid": 0, "gid": 0},
                "args": words,
                "env": ["LC_ALL=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin"],
                "cwd": "/",
                "capabilities": {kind: capabilities for kind in ("bounding", "effective", "permitted")},
                "noNewPrivileges": True,
                "oomScoreAdj": 1000,
            },
            "root": {"path": self.stage.root, "readonly": True},
            "hostname": "sandbox",
            "mounts": list(self.mounts()),
            "linux": {
                "namespaces": [{"type": name} for name in NAMESPACES],
                "uidMappings": [ids],
                "gidMappings": [group],
            },
        }

    def mounts(self):
        """What the runtime is to mount: /proc and /dev, which the init replaces, and the tree's folders."""
        sealed = ["nosuid", "noexec", "nodev"]
        yield {"destination": "/proc", "type": "proc", "source": "proc", "options": sealed}
        yield {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
               "options": ["nosuid", "noexec", "mode=755", "size=64k"]}
        for source, target in self.stage.binds:
            yield {"destination": target, "type": "bind", "source": source,
                   "options": ["rbind", "ro", "nosuid", "nodev"]}
        for target in self.stage.covers:
            yield {"destination": target, "type": "tmpfs", "source": "tmpfs",
                   "options": ["nosuid", "nodev", "ro", "mode=755", "size=4k"]}

    def remains(self, identity, status):
        """What to execute to remove what a runtime that could not end in order has left; None for nothing."""
        if status == 0 or not os.path.exists(f"{self.stage.folder}/state/{identity}"):
            return None
        return [*self.start, "delete", "--force", identity]
