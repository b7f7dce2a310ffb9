# tries: to mount: a tmpfs, a /proc, a bind, an overlay; and to make a mount writable or unmount it
# layer: seccomp
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
MS_BIND, MS_REMOUNT, MS_MOVE = 4096, 32, 8192
attempts = (
    (b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    (b"proc", b"/tmp", b"proc", 0, None),
    (b"sysfs", b"/tmp", b"sysfs", 0, None),
    (b"cgroup2", b"/tmp", b"cgroup2", 0, None),
    (b"/usr", b"/tmp", None, MS_BIND, None),
    (b"/tmp", b"/usr", None, MS_BIND, None),
    (b"/tmp", b"/usr", None, MS_MOVE, None),
    (None, b"/usr", None, MS_REMOUNT | MS_BIND, None),
    (None, b"/", None, MS_REMOUNT | MS_BIND, None),
    (b"overlay", b"/usr", b"overlay", 0, b"lowerdir=/usr,upperdir=/tmp/u,workdir=/tmp/w"),
)
for attempt in attempts:
    if libc.mount(attempt[0], attempt[1], attempt[2], ctypes.c_ulong(attempt[3]), attempt[4]) == 0:
        print("BREACH: mounted", attempt)
for path in (b"/proc", b"/tmp", b"/usr", b"/"):
    if libc.umount2(path, 2) == 0:
        print("BREACH: unmounted", path)
