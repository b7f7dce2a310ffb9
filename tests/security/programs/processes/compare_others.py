# tries: to learn of, move or drop the pages and files of its init
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
handle = os.pidfd_open(1)
vector = (ctypes.c_void_p * 2)(0x400000, 4096)
for name, number, *arguments in (
    ("kcmp", 312, 1, os.getpid(), 0, 0, 0),
    ("migrate_pages", 256, 1, 64, ctypes.byref(ctypes.c_ulong(1)), ctypes.byref(ctypes.c_ulong(1))),
    ("move_pages", 279, 1, 0, None, None, None, 0),
    ("process_madvise", 440, handle, vector, 1, 20, 0),
    ("process_mrelease", 448, handle, 0),
):
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        print("BREACH:", name)
