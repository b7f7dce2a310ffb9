# tries: to trace its init
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for name, request in (("attach", 16), ("seize", 0x4206), ("peek", 1)):
    ctypes.set_errno(0)
    if libc.ptrace(request, 1, 0, 0) != -1 or ctypes.get_errno() == 0:
        print("BREACH:", name)
