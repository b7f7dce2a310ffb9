# tries: to change how the processor treats it: ports, segments, layout
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for name, number, *arguments in (("iopl", 172, 0), ("ioperm", 173, 0x80, 1, 0), ("modify_ldt", 154, 0, None, 0),
                                 ("personality", 135, 0x0040000), ("vhangup", 153)):
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        print("BREACH:", name)
