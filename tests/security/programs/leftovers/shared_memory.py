# tries: to leave shared memory and semaphores for the next run
# layer: mount-ns
# runs: 2
import os
from multiprocessing import shared_memory

for name in ("left",):
    try:
        shared_memory.SharedMemory(name)
        print("BREACH: found", name)
    except FileNotFoundError:
        block = shared_memory.SharedMemory(name, create=True, size=4096)
        block.buf[0] = 1
if any("sem." in name for name in os.listdir("/dev/shm")):
    print("BREACH: found a semaphore")
open("/dev/shm/sem.left", "w").close()
os._exit(0)
