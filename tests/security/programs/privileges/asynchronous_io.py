# tries: to have files read by the kernel's older queues
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong(0)
if libc.syscall(206, 8, ctypes.byref(context)) >= 0:
    print("BREACH: has a queue")
