# tries: to load and unload parts of the kernel
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
module = os.open("/usr/bin/true", os.O_RDONLY)
for name, number, *arguments in (("init_module", 175, b"\x7fELF", 4, b""), ("finit_module", 313, module, b"", 0),
                                 ("delete_module", 176, b"no-such-module", 0), ("uselib", 134, b"/usr/bin/true")):
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result >= 0 or ctypes.get_errno() != 1:
        print("BREACH:", name, "looked at its arguments")
