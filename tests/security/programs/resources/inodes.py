# tries: to make files without end, all empty
# layer: mount-ns
# limits: memory_mb=32
import errno
import os

try:
    for number in range(100_000):
        os.mknod(f"/tmp/{number}")
    print("BREACH: made 100,000 files")
except OSError as error:
    assert error.errno == errno.ENOSPC, error
