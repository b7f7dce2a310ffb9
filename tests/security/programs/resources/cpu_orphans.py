# tries: to hide the time of its children, for whom nobody waits
# layer: tree-accounting
# outcome: cpu
# limit: cpu_seconds
# limits: cpu_seconds=1 timeout_seconds=30 processes=32
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        child = os.fork()
    except BlockingIOError:
        child = None
    if child == 0:
        while time.process_time() < 0.2:
            pass
        os._exit(0)
    time.sleep(0.1)
