# tries: to outlive its program as a daemon
# layer: pid-ns
# limits: processes=16
import os
import time

reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        os.write(writer, b"x")
        time.sleep(3)
        os.write(1, b"BREACH: a daemon has outlived its program\n")
    os._exit(0)
os.read(reader, 1)
