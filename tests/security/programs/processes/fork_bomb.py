# tries: to fork without end
# layer: rlimits
# outcome: timeout|cpu
# limits: timeout_seconds=1
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
    if len(list(filter(str.isdigit, os.listdir("/proc")))) > 40:
        print("BREACH: more than 40 processes", flush=True)
