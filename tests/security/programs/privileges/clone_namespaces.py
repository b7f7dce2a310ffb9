# tries: to start a child in new namespaces
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
SIGCHLD = 17
for flag in (0x10000000, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x20000000, 0x40000000, 0x10000000 | 0x20000):
    child = libc.syscall(ctypes.c_long(56), ctypes.c_ulong(flag | SIGCHLD), 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        print("BREACH: a child with", hex(flag))
