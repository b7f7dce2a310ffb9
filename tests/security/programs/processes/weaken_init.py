# tries: to take away its init's limits, time and processor
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
none = (ctypes.c_ulong * 2)(0, 0)
for limit in range(16):
    if libc.prlimit(1, limit, ctypes.byref(none), None) == 0:
        print("BREACH: changed init's limit", limit)
attempts = {
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
    "priority of its group": lambda: os.setpriority(os.PRIO_PGRP, 1, 19),
    "scheduler": lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
    "processors": lambda: os.sched_setaffinity(1, {0}),
    "group": lambda: os.setpgid(1, os.getpgrp()),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("BREACH: changed init's", name)
    except OSError:
        pass
if libc.syscall(251, 1, 1, (3 << 13) | 7) == 0:
    print("BREACH: changed init's input and output class")
attributes = (ctypes.c_uint32 * 14)(56, 5)
if libc.syscall(314, 1, attributes, 0) == 0:
    print("BREACH: changed init's scheduling attributes")
