# tries: to become root of a user namespace of its own
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
NAMESPACES = {"user": 0x10000000, "mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000,
              "pid": 0x20000000, "net": 0x40000000, "time": 0x80, "user and mount": 0x10020000}
for name, flag in NAMESPACES.items():
    if libc.unshare(flag) == 0:
        print("BREACH: unshared", name)
