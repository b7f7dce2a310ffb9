# tries: to make System V and POSIX objects, which outlive their makers
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for name, number, *arguments in (("shmget", 29, 0, 4096, 0o1600), ("msgget", 68, 77, 0o1600),
                                 ("semget", 64, 77, 1, 0o1600), ("mq_open", 240, b"left", 0o102, 0o600, None)):
    if libc.syscall(ctypes.c_long(number), *arguments) >= 0:
        print("BREACH:", name)
