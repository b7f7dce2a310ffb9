# tries: to hold too much memory in many processes, none of which holds much
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20 processes=32
import os
import time

for _ in range(8):
    if os.fork() == 0:
        held = bytearray(b"x" * (30 << 20))
        time.sleep(30)
os.wait()
print("BREACH: holds 240 MiB")
