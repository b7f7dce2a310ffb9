# tries: to take its init's place as the one that orphans fall to
# layer: pid-ns
# limits: processes=16
import ctypes
import os
import time

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
if os.fork() == 0:
    for _ in range(4):
        if os.fork() == 0:
            os.setsid()
            time.sleep(3)
            os.write(1, b"BREACH: an orphan has outlived its program\n")
            os._exit(0)
    os._exit(0)
os.wait()
