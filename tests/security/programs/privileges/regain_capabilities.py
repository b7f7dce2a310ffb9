# tries: to take capabilities back
# layer: caps-dropped
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
for effective, permitted, inheritable in ((~0, ~0, ~0), (0, 0, ~0), (1 << 21, 1 << 21, 0)):
    sets = (ctypes.c_uint32 * 6)(effective & 0xFFFFFFFF, permitted & 0xFFFFFFFF, inheritable & 0xFFFFFFFF)
    if libc.syscall(126, header, sets) == 0:
        print("BREACH: set its capabilities")
PR_CAP_AMBIENT, PR_SET_SECUREBITS = 47, 28
for capability in range(41):
    if libc.prctl(PR_CAP_AMBIENT, 2, capability, 0, 0) == 0:
        print("BREACH: raised capability", capability)
if libc.prctl(PR_SET_SECUREBITS, 1, 0, 0, 0) == 0:
    print("BREACH: set its secure bits")
