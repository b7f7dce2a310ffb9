# tries: to be allowed new privileges again
# layer: no-new-privs
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39
libc.prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)
if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
    print("BREACH: it may get new privileges")
if os.fork() == 0:
    os.execv("/usr/bin/bash", ["bash", "-c", "grep -q 'NoNewPrivs:.*1' /proc/self/status || echo BREACH: after exec"])
os.wait()
