# tries: to hold more memory than it asked for, bit by bit
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20
held = []
while len(held) < 4096:
    held.append(b"x" * (1 << 20))
print("BREACH: holds 4 GiB")
