# tries: to hold too much memory in files, of which each is small enough
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20
import os

for number in range(60):
    with open(f"/tmp/{number}", "wb") as file:
        file.write(os.urandom(1 << 20) * 4)
print("BREACH: holds 240 MiB")
