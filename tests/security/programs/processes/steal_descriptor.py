# tries: to take a descriptor out of its init
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
handle = os.pidfd_open(1)
for number in range(16):
    if libc.syscall(438, handle, number, 0) >= 0:
        print("BREACH: took descriptor", number)
