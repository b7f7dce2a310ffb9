# tries: to watch what others do with shared files
# layer: seccomp
import ctypes
import fcntl
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.inotify_init1(0) >= 0:
    print("BREACH: inotify")
if libc.syscall(300, 0, 0) >= 0:
    print("BREACH: fanotify")
for name, operation, argument in (("dnotify", 1026, 1), ("lease", fcntl.F_SETLEASE, fcntl.F_RDLCK)):
    try:
        fcntl.fcntl(os.open("/usr/bin", os.O_RDONLY), operation, argument)
        print("BREACH:", name)
    except OSError:
        pass
