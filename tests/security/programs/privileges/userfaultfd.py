# tries: to stop the kernel in the middle of a copy
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for flags in (0, 1, 0o2000000 | 1):
    if libc.syscall(323, flags) >= 0:
        print("BREACH: handles page faults, flags", flags)
