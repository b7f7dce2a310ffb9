# tries: to use more of the processor than it asked for
# layer: tree-accounting
# outcome: cpu
# limit: cpu_seconds
# limits: cpu_seconds=1 timeout_seconds=30
import time

while time.process_time() < 5:
    pass
print("BREACH: used 5 s")
