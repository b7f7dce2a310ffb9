# tries: to see a process that is not its own
# layer: pid-ns
import os

seen = set(filter(str.isdigit, os.listdir("/proc")))
if seen != {"1", "2"} or os.getpid() != 2:
    print("BREACH: sees", sorted(seen))
