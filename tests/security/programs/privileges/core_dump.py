# tries: to have the host keep, or hand to its own crash handler, the memory of a crashed program
# layer: rlimits
# outcome: signal
import ctypes
import os
import resource

soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
if soft != 1 or hard > 1:
    # 0 forbids a file only; 1 keeps the kernel from a handler too.
    print("BREACH: cores of", soft, "to", hard, flush=True)
child = os.fork()
if child == 0:
    ctypes.string_at(0)
if os.WCOREDUMP(os.waitpid(child, 0)[1]):
    print("BREACH: dumped a core", flush=True)
ctypes.string_at(0)
