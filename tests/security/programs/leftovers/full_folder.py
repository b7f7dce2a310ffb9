# tries: to leave no room for the next run
# layer: mount-ns
# runs: 3
# limits: memory_mb=64
import os

for number in range(5):
    descriptor = os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY)
    written = os.write(descriptor, bytes(8 << 20))
    if written != 8 << 20:
        print("BREACH: there is room for only", written)
