"""Tries each wall from inside and prints the names of those that did not hold."""

import errno
import os
import resource
import socket


def refused(attempt, *reasons):
    """Whether the system refuses, for one of the reasons if any are named."""
    try:
        attempt()
    except OSError as error:
        return not reasons or error.errno in reasons
    return False


HOST_FILES = ("/root/.profile", "/home", "/var", "/boot", "/etc/shadow", "/etc/ssh")

with open("/proc/self/status", encoding="ascii") as file:
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in file)}
with open("/proc/self/net/dev", encoding="ascii") as file:
    interfaces = {line.partition(":")[0].strip() for line in file if ":" in line}

walls = {
    "not root": os.getuid() != 0 and os.geteuid() != 0,
    "no capabilities": int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0,
    "no new privileges": status["NoNewPrivs"] == "1",
    "seccomp": status["Seccomp"] == "2",
    "limits": 0 < resource.getrlimit(resource.RLIMIT_NPROC)[1] <= 64
    and resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= 64,
    "no network": refused(lambda: socket.socket(socket.AF_INET)),
    "no network interface": interfaces <= {"lo"},
    "no other process": set(filter(str.isdigit, os.listdir("/proc"))) == {"1", "2"},
    "no host files": not any(map(os.path.exists, HOST_FILES)),
    "read-only root": refused(lambda: open("/usr/canary", "w"), errno.EROFS)
    and refused(lambda: os.mkdir("/canary"), errno.EROFS),
    "clean environment": set(os.environ) == {"HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "USER"},
}
print(*[name for name, held in walls.items() if not held], sep=", ")
