# tries: to open files by their handles, past every path
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = ctypes.create_string_buffer(b"\x80\0\0\0\0\0\0\0", 136)
mount = ctypes.c_int()
if libc.syscall(303, -100, b"/usr", handle, ctypes.byref(mount), 0) == 0:
    print("BREACH: a handle of /usr")
# The handle of many a file system's root.
root = ctypes.create_string_buffer(b"\x08\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0", 16)
for descriptor in (0, 1, 2, -100):
    if libc.syscall(304, descriptor, root, 0) >= 0:
        print("BREACH: opened a root by its handle")
