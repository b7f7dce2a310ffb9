# tries: to use more of the processor in many processes, none of which uses much
# layer: tree-accounting
# outcome: cpu
# limit: cpu_seconds
# limits: cpu_seconds=1 timeout_seconds=30 processes=32
import os
import time

for _ in range(4):
    if os.fork() == 0:
        while time.process_time() < 3:
            pass
        os._exit(0)
for _ in range(4):
    os.wait()
print("BREACH: used 12 s")
