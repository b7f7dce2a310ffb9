# tries: to keep or find keys in the kernel's keyrings
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for ring in (-1, -2, -3, -4, -5):
    if libc.syscall(248, b"user", b"left", b"secret", 6, ctypes.c_long(ring)) >= 0:
        print("BREACH: added a key to ring", ring)
    if libc.syscall(250, 0, ctypes.c_long(ring), 1, 0, 0) >= 0:
        print("BREACH: has ring", ring)
if libc.syscall(249, b"user", b"left", None, ctypes.c_long(-3)) >= 0:
    print("BREACH: found a key")
if libc.syscall(250, 1, None, 0, 0, 0) >= 0:
    print("BREACH: joined a session ring")
