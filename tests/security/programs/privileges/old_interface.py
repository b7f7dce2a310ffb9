# tries: to make system calls by the interface of 32-bit programs, whose numbers mean other things
# layer: seccomp
# outcome: signal
import ctypes
import mmap

# mov eax, 20 (getpid there); int 0x80; ret
code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
page.write(code)
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
print("BREACH: the old interface answered", call(), flush=True)
