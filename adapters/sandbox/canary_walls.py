"""Tries each wall from inside and prints the names of those that did not hold."""

import os
import socket


def refused(attempt):
    """Whether the system refuses."""
    try:
        attempt()
    except OSError:
        return True
    return False


HOST_FILES = ("/root/.profile", "/home", "/var", "/boot", "/etc/shadow", "/etc/ssh")

with open("/proc/self/status", encoding="ascii") as file:
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in file)}

walls = {
    "not root": os.getuid() != 0 and os.geteuid() != 0,
    "no capabilities": int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0,
    "no new privileges": status["NoNewPrivs"] == "1",
    "seccomp": status["Seccomp"] == "2",
    "no network": refused(lambda: socket.socket(socket.AF_INET)),
    "no other process": set(filter(str.isdigit, os.listdir("/proc"))) == {"1", "2"},
    "no host files": not any(map(os.path.exists, HOST_FILES)),
    "read-only root": refused(lambda: open("/usr/canary", "w"))
    and refused(lambda: os.mkdir("/canary")),
    "clean environment": set(os.environ) == {"HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "USER"},
}
print(*[name for name, held in walls.items() if not held], sep=", ")
