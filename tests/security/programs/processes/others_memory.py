# tries: to read and write its init's memory
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(16)
vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 16)
remote = (ctypes.c_void_p * 2)(0x400000, 16)
for name, number in (("read", 310), ("written", 311)):
    if libc.syscall(number, 1, vector, 1, remote, 1, 0) >= 0:
        print("BREACH: init's memory was", name)
for mode in ("rb", "r+b"):
    try:
        with open("/proc/1/mem", mode):
            print("BREACH: opened init's memory", mode)
    except OSError:
        pass
