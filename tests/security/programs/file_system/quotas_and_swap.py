# tries: to use swap, quotas, accounting and the flushing of the host's disks
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for name, number, *arguments in (("swapon", 167, b"/tmp/swap", 0), ("swapoff", 168, b"/tmp/swap"),
                                 ("acct", 163, b"/tmp/log"), ("quotactl", 179, 0, None, 0, None),
                                 ("syncfs", 306, 1)):
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        print("BREACH:", name)
