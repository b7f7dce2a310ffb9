# tries: to open files without end
# layer: rlimits
# outcome: nonzero
# limit: open_files
import os

while True:
    if os.open("/dev/null", os.O_RDONLY) > 1024:
        print("BREACH: opened 1,024", flush=True)
