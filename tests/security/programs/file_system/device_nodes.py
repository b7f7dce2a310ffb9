# tries: to make a device of its own: a disk, the memory, the kernel's log
# layer: caps-dropped
import os
import stat

for name, kind, major, minor in (("disk", stat.S_IFBLK, 8, 0), ("vda", stat.S_IFBLK, 254, 0),
                                 ("loop", stat.S_IFBLK, 7, 0), ("mem", stat.S_IFCHR, 1, 1),
                                 ("kmsg", stat.S_IFCHR, 1, 11), ("fuse", stat.S_IFCHR, 10, 229),
                                 ("null", stat.S_IFCHR, 1, 3)):
    try:
        os.mknod(f"/tmp/{name}", kind | 0o600, os.makedev(major, minor))
        with open(f"/tmp/{name}", "rb"):
            print("BREACH: made and opened", name)
    except OSError:
        pass
