# tries: to steal, resize, block and lock the pipes that its output goes through
# layer: runner
import fcntl
import os

for number in (1, 2):
    for change in (lambda: fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND),
                   lambda: fcntl.fcntl(number, 1031, 4096), lambda: fcntl.fcntl(number, 1031, 1 << 20),
                   lambda: fcntl.fcntl(number, fcntl.F_SETOWN, 1), lambda: fcntl.fcntl(number, fcntl.F_SETSIG, 9),
                   lambda: fcntl.flock(number, fcntl.LOCK_EX), lambda: os.fchmod(number, 0)):
        try:
            change()
        except OSError:
            pass
    try:
        reader = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
        os.read(reader, 1)
    except OSError:
        pass
