# tries: to hold nothing but the kernel's notes of many maps in many processes, which only it counts
# layer: cgroup-memory
# outcome: memory
# limit: memory_mb
# limits: memory_mb=64 timeout_seconds=20 processes=32
import ctypes
import os
import signal

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
# Neighbours that differ in what may be done with them stay maps of their own.
for number in range(60_000):
    libc.mmap(None, 4096, 1 + (number % 2) * 2, 0x22, -1, 0)
for _ in range(20):
    if os.fork() == 0:
        signal.pause()
print("BREACH: holds 1,200,000 maps")
