# tries: to live on by ignoring every signal
# layer: tree-accounting
# outcome: timeout
# limit: timeout_seconds
# limits: timeout_seconds=0.5
import signal
import time

for number in range(1, 65):
    if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
        signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(5)
    print("BREACH: lives on", flush=True)
