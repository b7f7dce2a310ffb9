# tries: to keep memory from ever leaving the machine's
# layer: rlimits
import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
if libc.mlockall(3) == 0:
    print("BREACH: locked everything")
page = mmap.mmap(-1, 1 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
if libc.mlock(ctypes.c_void_p(address), 1 << 20) == 0:
    print("BREACH: locked a mebibyte")
try:
    mmap.mmap(-1, 2 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
    print("BREACH: has a huge page")
except OSError:
    pass
