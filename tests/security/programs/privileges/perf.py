# tries: to measure the kernel and others with perf
# layer: seccomp
import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
for kind, config, process in ((1, 0, 0), (0, 0, 0), (1, 0, -1), (2, 0, 0)):
    event = ctypes.create_string_buffer(struct.pack("<IIQ", kind, 112, config).ljust(112, b"\0"))
    if libc.syscall(298, event, process, ctypes.c_long(-1 if process == 0 else 0), ctypes.c_long(-1), 0) >= 0:
        print("BREACH: measures kind", kind)
