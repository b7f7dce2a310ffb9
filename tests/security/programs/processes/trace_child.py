# tries: to trace a child of its own, which kernels have let past their filters
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    os._exit(1 if libc.ptrace(0, 0, 0, 0) == 0 else 0)
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
    print("BREACH: a child may be traced")
