# tries: to start a process that is its init's child and not its own
# layer: pid-ns
# limits: processes=16
import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_PARENT, SIGCHLD = 0x8000, 17
child = libc.syscall(56, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0)
if child == 0:
    time.sleep(3)
    os.write(1, b"BREACH: a sibling has outlived the program\n")
    os._exit(0)
assert child > 0, "no sibling could be made"
