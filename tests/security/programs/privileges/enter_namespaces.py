# tries: to enter its init's namespaces
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for process in ("1", "self"):
    for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"):
        try:
            descriptor = os.open(f"/proc/{process}/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        if libc.setns(descriptor, 0) == 0:
            print("BREACH: entered", name, "of", process)
        os.close(descriptor)
if libc.setns(os.pidfd_open(1), 0x20000000 | 0x20000) == 0:
    print("BREACH: entered by a process's descriptor")
