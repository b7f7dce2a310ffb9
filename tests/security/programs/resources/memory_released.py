# tries: to hold pages that every process has let go of
# layer: seccomp
import mmap

for flags in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, None):
    try:
        if flags is None:
            with open("/dev/zero", "r+b") as file:
                held = mmap.mmap(file.fileno(), 1 << 30, mmap.MAP_SHARED)
        else:
            held = mmap.mmap(-1, 1 << 30, flags)
        print("BREACH: has shared pages that nobody is charged for")
    except OSError:
        pass
