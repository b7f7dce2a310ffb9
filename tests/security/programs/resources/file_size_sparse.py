# tries: to make one file larger than it may by other calls than write
# layer: rlimits
# limits: file_size_mb=4
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
descriptor = os.open("/tmp/large", os.O_RDWR | os.O_CREAT)
attempts = {
    "truncate": lambda: os.ftruncate(descriptor, 64 << 20),
    "allocate": lambda: os.posix_fallocate(descriptor, 0, 64 << 20),
    "seek": lambda: os.pwrite(descriptor, b"x", 64 << 20),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("BREACH:", name)
    except OSError:
        pass
if os.fstat(descriptor).st_size > 4 << 20:
    print("BREACH: it is large")
