# tries: to change its root: chroot and pivot_root
# layer: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
os.mkdir("/tmp/root")
for path in ("/tmp/root", "/", "/proc/1/root"):
    try:
        os.chroot(path)
        print("BREACH: changed root to", path)
    except OSError:
        pass
for new, old in ((b".", b"."), (b"/tmp", b"/tmp/root"), (b"/tmp/root", b"/tmp/root")):
    if libc.syscall(155, new, old) == 0:
        print("BREACH: pivoted")
