# tries: to leave open files without names, held by a process that is stopped
# layer: pid-ns
# runs: 2
import os
import signal

if os.statvfs("/tmp").f_blocks - os.statvfs("/tmp").f_bfree > 1024:
    print("BREACH: found the blocks of another run")
descriptor = os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
os.write(descriptor, bytes(8 << 20))
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
