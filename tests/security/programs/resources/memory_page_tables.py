# tries: to hold nothing but page tables
# layer: tree-accounting
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20
import mmap
import time

SIZE, STEP = 256 << 30, 2 << 20
held = mmap.mmap(-1, SIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
total = sum(held[at] for at in range(0, SIZE, STEP))
# On a busy machine the look at a run may come late, but not a second late.
time.sleep(1)
print("BREACH: holds the tables of 256 GiB")
