# tries: calls that no table knows: of the future, of another interface, of no kernel
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
X32 = 0x40000000
for number in (*range(463, 520), 600, 1023, 4096, X32 | 1, X32 | 39, X32 | 41, X32 | 520, 2**31 - 1, -1):
    result = libc.syscall(ctypes.c_long(number), -1, 0, 0, 0, 0, 0)
    if result >= 0 or ctypes.get_errno() != 38:
        print("BREACH: call", number, "is there:", result, ctypes.get_errno())
