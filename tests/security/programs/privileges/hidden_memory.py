# tries: to hold memory that no process is charged for
# layer: seccomp
import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
for name, number, *arguments in (("memfd_create", 319, b"hidden", 0), ("memfd_secret", 447, 0)):
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        print("BREACH:", name)
reader, writer = os.pipe()
page = ctypes.create_string_buffer(4096)
vector = (ctypes.c_void_p * 2)(ctypes.addressof(page), 4096)
if libc.syscall(278, writer, vector, 1, 8) >= 0:
    print("BREACH: vmsplice")
for flags in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x40000):
    try:
        mmap.mmap(-1, 4096, flags)
        print("BREACH: shared memory without a file")
    except OSError:
        pass
