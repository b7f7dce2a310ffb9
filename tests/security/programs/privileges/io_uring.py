# tries: to have system calls made by io_uring, past the filter
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for entries in (1, 8, 256):
    if libc.syscall(425, entries, ctypes.create_string_buffer(120)) >= 0:
        print("BREACH: has a ring of", entries)
for number in (426, 427):
    if libc.syscall(number, -1, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() == 9:
        print("BREACH: call", number, "looked at its arguments")
