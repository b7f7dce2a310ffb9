# tries: to use the clone call whose flags no filter can see
# layer: seccomp
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
arguments = ctypes.create_string_buffer(struct.pack("<8Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0))
child = libc.syscall(435, arguments, 64)
if child == 0:
    os._exit(0)
if child > 0 or ctypes.get_errno() != 38:
    print("BREACH: clone3 is there")
