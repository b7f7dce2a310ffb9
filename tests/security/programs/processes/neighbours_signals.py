# tries: to have its queued signals counted with those of another run
# layer: unique-uid
# at-once: 3
import ctypes
import os
import signal
import time

libc = ctypes.CDLL(None, use_errno=True)
number, own = signal.SIGRTMIN + 1, 20
signal.pthread_sigmask(signal.SIG_BLOCK, [number])
for _ in range(own):
    assert libc.sigqueue(os.getpid(), number, None) == 0
deadline = time.monotonic() + 1.5
while time.monotonic() < deadline:
    with open("/proc/self/status", encoding="ascii") as file:
        status = dict(line.split(":", 1) for line in file)
    counted = int(status["SigQ"].split("/")[0])
    if counted >= 2 * own:
        print("BREACH:", counted, "signals are counted,", own, "are its own")
        break
    time.sleep(0.02)
