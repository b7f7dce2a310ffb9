# tries: to load programs and maps into the kernel
# layer: seccomp
import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
array = ctypes.create_string_buffer(struct.pack("<4I", 2, 4, 4, 1).ljust(120, b"\0"))
if libc.syscall(321, 0, array, 120) >= 0:
    print("BREACH: made a map")
code = ctypes.create_string_buffer(struct.pack("<QQ", 0xB7, 0x95))
license = ctypes.create_string_buffer(b"GPL")
load = struct.pack("<IIQQ", 1, 2, ctypes.addressof(code), ctypes.addressof(license)).ljust(120, b"\0")
if libc.syscall(321, 5, ctypes.create_string_buffer(load), 120) >= 0:
    print("BREACH: loaded a program")
