# tries: to be scheduled before all others
# layer: caps-dropped
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for policy in (os.SCHED_FIFO, os.SCHED_RR):
    try:
        os.sched_setscheduler(0, policy, os.sched_param(1))
        print("BREACH: policy", policy)
    except OSError:
        pass
for nice in (-1, -20):
    try:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
        print("BREACH: priority", nice)
    except OSError:
        pass
# Deadline scheduling: size, policy 6, flags, nice, priority, runtime, deadline, period.
deadline = (ctypes.c_uint64 * 7)(48 | (6 << 32), 0, 0, 10**6, 10**7, 10**7)
if libc.syscall(314, 0, deadline, 0) == 0:
    print("BREACH: deadlines")
if libc.syscall(251, 1, 0, 1 << 13) == 0:
    print("BREACH: real-time input and output")
