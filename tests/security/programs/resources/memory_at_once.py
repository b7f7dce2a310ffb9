# tries: to hold more memory than it asked for, at once
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20
held = b"x" * (1 << 30)
print("BREACH: holds 1 GiB")
